-- Lists rows whose parent is gone, over every link of one workflow, or of all. Changes nothing.
--
-- When: after an incident, or when somebody deleted by hand. It reads the linked tables whole, which takes its time on
-- big ones.
--
--     psql -f orphans.sql
--     psql -v workflow=<workflow> -f orphans.sql
\ir parts/settings.sql
\ir parts/one_workflow.sql
\ir parts/orphans.sql

-- Looks for trouble in one workflow, or in all, and for orphans in their tables. Changes nothing.
--
-- When: After a change of tables, and now and then: before a failed run finds the trouble.
--
--     psql -f health.sql
--     psql -v workflow=<workflow> -f health.sql
--
-- Findings are those of unwind.check_workflow, each with the SQL that mends it. It finds what the role that asks would
-- lack, so ask as the role that undoes runs; for the engine's owner it also makes each plan anew for comparison, and
-- takes that back. The orphans are those of orphans.sql, which reads the linked tables whole.
\ir parts/settings.sql
\ir parts/one_workflow.sql

\echo
\echo Runs of each workflow by status
select r.workflow, r.status, pg_catalog.count(*) as runs
from unwind.workflow_runs as r
where r.workflow operator(pg_catalog.=) :'workflow' or :'workflow' operator(pg_catalog.=) ''::pg_catalog.text
group by r.workflow, r.status
order by r.workflow, r.status;

\echo Findings (no row: nothing found)
select w.workflow, c.severity, c.code, c.object, c.message, c.fix
from unwind.workflows as w
cross join lateral unwind.check_workflow(w.workflow) as c
where w.workflow operator(pg_catalog.=) :'workflow' or :'workflow' operator(pg_catalog.=) ''::pg_catalog.text
order by c.severity, w.workflow, c.code, c.object \gx
\ir parts/orphans.sql

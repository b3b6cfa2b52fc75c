-- Lists rows whose parent is gone, over every link of one workflow, or of all. Changes nothing.
--
-- When: after an incident, or when somebody deleted by hand. It reads the linked tables whole, which takes its time on
-- big ones.
--
--     psql -f orphans.sql
--     psql -v workflow=<workflow> -f orphans.sql
\ir parts/settings.sql
\if :{?workflow}
    select unwind_internal.assert_workflow(:'workflow') as defined \gset
\else
    \set workflow ''
\endif

\echo
\echo Orphans (no row: none)
select
    o.child_table,
    pg_catalog.array_to_string(o.child_columns, ', ') as child_columns,
    o.parent_table,
    pg_catalog.array_to_string(o.parent_columns, ', ') as parent_columns,
    o.orphans,
    o.sample_keys
from unwind.find_orphans(
    case when :'workflow' operator(pg_catalog.<>) ''::pg_catalog.text then :'workflow' end
) as o \gx

-- Looks for trouble in every workflow, and for orphans in their tables. Changes nothing.
--
-- When: After a change of tables, and now and then: before a failed run finds the trouble.
--
--     psql -f health.sql
--
-- Findings are those of unwind.check_workflow, each with the SQL that mends it. Orphans are child rows whose
-- parent is gone. check_workflow finds what the role that asks would lack, so ask as the role that undoes runs;
-- for the engine's owner it also makes each plan anew for comparison, and takes that back. find_orphans reads all rows of the linked tables, which takes its time on big ones.
\ir parts/settings.sql

\echo
\echo Runs of each workflow by status
select r.workflow, r.status, pg_catalog.count(*) as runs
from unwind.workflow_runs as r
group by r.workflow, r.status
order by r.workflow, r.status;

\echo Findings (no row: nothing found)
select w.workflow, c.severity, c.code, c.object, c.message, c.fix
from unwind.workflows as w
cross join lateral unwind.check_workflow(w.workflow) as c
order by c.severity, w.workflow, c.code, c.object \gx

\echo Orphans (no row: none)
select
    o.child_table,
    pg_catalog.array_to_string(o.child_columns, ', ') as child_columns,
    o.parent_table,
    pg_catalog.array_to_string(o.parent_columns, ', ') as parent_columns,
    o.orphans,
    o.sample_keys
from unwind.find_orphans() as o;

-- Undoes the FAILED runs of a workflow, newest first, in one transaction: all of them or none.
--
--     psql -v workflow=<workflow> -f sql/dba/undo_failed_runs.sql
--     psql -v workflow=<workflow> -v limit=100 -f sql/dba/undo_failed_runs.sql
--
-- limit: undo only so many, the newest (default: all). Runs under a worker's live claim are left to that
-- worker. An error, or a row that is left at the end, rolls everything back and ends psql with status 3; where
-- one run spoils it for all, undo it, or the others, with sql/dba/undo_run.sql. Locks are waited for as there.
\set ON_ERROR_STOP on
\if :{?workflow}
\else
    \warn 'usage: psql -v workflow=<workflow> -f sql/dba/undo_failed_runs.sql'
    do $$ begin raise 'no workflow was given'; end $$;
\endif
\if :{?limit}
\else
    \set limit 1000000000
\endif

begin transaction isolation level read committed;

-- Raises UW008 where there is no such workflow.
select unwind.describe_workflow(:'workflow') is not null as is_defined \gset
select coalesce(pg_catalog.array_agg(f.id), '{}') as failed, pg_catalog.count(*) as runs
from (
    select r.id
    from unwind.workflow_runs as r
    where r.workflow operator(pg_catalog.=) :'workflow'
        and r.status operator(pg_catalog.=) 'FAILED'
        and (r.claimed_by is null or r.lease_expires_at operator(pg_catalog.<=) pg_catalog.now())
    order by r.created_at desc, r.id desc
    limit :'limit'
) as f \gset

\echo
\echo Rows deleted for each run
select c.run_id, c.rows_deleted from unwind.compensate_runs(:'failed'::pg_catalog.text []) as c order by c.run_id;

\echo Left (no row: nothing)
select u.id as run_id, v.table_name, v.rows_left
from pg_catalog.unnest(:'failed'::pg_catalog.text []) as u (id)
cross join lateral unwind.verify_run(u.id) as v;

select exists (
    select
    from pg_catalog.unnest(:'failed'::pg_catalog.text []) as u (id)
    cross join lateral unwind.verify_run(u.id) as v
) as rows_are_left \gset
\if :rows_are_left
    do $$ begin raise 'rows are left: everything is rolled back'
        using hint = 'A BEFORE DELETE trigger may keep them: \d names the triggers of a table.'; end $$;
\endif

commit;
\echo Runs undone: :runs

-- Undoes the FAILED runs of a workflow, newest first, each in a transaction of its own; then together those that were
-- refused for rows in their way, which may be each other's.
--
-- When: failed_runs.sql lists many, and what made them fail is mended. For a window of time: undo_incident.sql.
--
--     psql -v workflow=<workflow> -f undo_failed_runs.sql
--     psql -v workflow=<workflow> -v go=1 -f undo_failed_runs.sql
--     psql -v workflow=<workflow> -v limit=100 -v go=1 -f undo_failed_runs.sql
--     psql -v workflow=<workflow> -v on_conflict=skip -v go=1 -f undo_failed_runs.sql
--
-- Without go=1 it only shows what would be deleted. limit: only so many, the newest (default: all). Runs under a
-- worker's live claim are left to that worker, and those whose undo was taken back to undo_run.sql. A run whose undo is
-- refused, or leaves a row, stays as it was: it is listed at the end with its error, and psql ends with status 3. What
-- ails the server rather than a run (a full disk, a cancellation) ends it all at once. on_conflict and locks: as in
-- undo_run.sql.
\ir parts/settings.sql
\if :{?workflow}
\else
    \warn 'usage: psql -v workflow=<workflow> -f undo_failed_runs.sql'
    do $$ begin raise 'no workflow was given'; end $$;
\endif
\if :{?limit}
\else
    \set limit 1000000000
\endif
\set force false
\ir parts/no_transaction.sql

-- Raises UW008 where there is no such workflow.
select unwind.describe_workflow(:'workflow') is not null as is_defined \gset
select coalesce(pg_catalog.array_agg(f.id), '{}') as runs
from (
    select r.id
    from unwind.workflow_runs as r
    where r.workflow operator(pg_catalog.=) :'workflow'
        and r.status operator(pg_catalog.=) 'FAILED'
        and r.held_at is null
        and (r.claimed_by is null or r.lease_expires_at operator(pg_catalog.<=) pg_catalog.now())
    order by r.created_at desc, r.id desc
    limit :'limit'
) as f \gset
\ir parts/undo_each.sql

-- Shows one run: its status, its recorded steps, its receipts, and what is left of it. Changes nothing.
--
-- When: Before undoing a run, to see what it is; and after, to see that nothing is left.
--
--     psql -v run=<run id> -f show_run.sql
--
-- "Left" is, for a run that is not undone, what compensate_run would do now; for one that is, what verify_run still
-- finds, which should be nothing. held_at: since when its undo is taken back, and sweeps pass it by. Ends with UW001
-- where there is no such run.
\ir parts/settings.sql
\if :{?run}
\else
    \warn 'usage: psql -v run=<run id> -f show_run.sql'
    do $$ begin raise 'no run was given'; end $$;
\endif

-- Raises UW001 at once where there is no such run.
select pg_catalog.count(*) as preview_lines from unwind.preview_run(:'run') \gset
select r.status operator(pg_catalog.=) 'COMPENSATED' as undone
from unwind.workflow_runs as r
where r.id operator(pg_catalog.=) :'run' \gset

\echo
\echo The run
select
    r.id,
    r.workflow,
    r.business_key,
    r.status,
    r.last_error,
    r.created_at,
    r.updated_at,
    r.completed_at,
    r.retry_count,
    r.claimed_by,
    r.lease_expires_at,
    r.held_at,
    r.metadata
from unwind.workflow_runs as r
where r.id operator(pg_catalog.=) :'run' \gx

\echo Its steps: the keys in the ledger
select s.step, s.entity_key, s.recorded_at, s.compensated_at, s.released_at
from unwind.run_steps as s
inner join unwind.workflow_runs as r on r.id operator(pg_catalog.=) s.run_id
left join unwind.workflow_steps as w on w.workflow operator(pg_catalog.=) r.workflow and w.step operator(pg_catalog.=) s.step
where s.run_id operator(pg_catalog.=) :'run'
order by w.position, s.recorded_at, s.entity_key;

\echo Its receipts: what was deleted and restored
select
    c.ordinal, c.undo, c.kind, c.step, c.table_name, c.rows_deleted, c.rows_reverted, c.rows_reinserted, c.rows_skipped,
    c.compensated_at, c.compensated_by
from unwind.compensations as c
where c.run_id operator(pg_catalog.=) :'run'
order by c.ordinal;

\if :undone
    \echo What is left of it (no row: nothing)
    select v.table_name, v.rows_left from unwind.verify_run(:'run') as v;
    \echo The runs that come back with it, or why its undo cannot be taken back (blocked_by)
    select u.together, u.blocked_by from unwind.undone_runs as u where u.run_id operator(pg_catalog.=) :'run';
\else
    \echo What it changed in captured tables and is not undone, ten rows (no row: nothing)
    select
        c.table_name,
        c.row_key,
        case when c.before is null then 'inserted' when c.after is null then 'deleted' else 'updated' end as what,
        c.action operator(pg_catalog.=) 'conflict' as changed_since,
        pg_catalog.count(*) over () as of_rows
    from unwind.find_changes(:'run') as c
    order by c.table_name, c.row_key
    limit 10;
    \echo What compensate_run would do now
    select p.ordinal, p.step, p.table_name, p.action, p.row_count, p.blocked_by
    from unwind.preview_run(:'run') as p order by p.ordinal;
\endif

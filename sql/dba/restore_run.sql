-- Takes the undo of a run back, and of those that were undone together with it: what it did in captured tables is
-- reversed, in one transaction.
--
-- When: a run was undone that should not have been.
--
--     psql -v run=<run id> -f restore_run.sql
--     psql -v run=<run id> -v go=1 -f restore_run.sql
--     psql -v run=<run id> -v on_conflict=skip -v go=1 -f restore_run.sql
--
-- Without go=1 it only shows what would come back, and which rows somebody else has changed since: for them it is
-- refused (UW011), unless on_conflict is skip, which leaves them as they are, or merge, which leaves the columns that
-- others have changed. Any error rolls everything back and ends psql with status 3. Again for the same run it shows
-- the same receipts. A run that had failed is FAILED again, and no sweep undoes it until somebody says so
-- (undo_run.sql, unwind.fail_run). Locks are waited for as in undo_run.sql.
\ir parts/settings.sql
\if :{?run}
\else
    \warn 'usage: psql -v run=<run id> -f restore_run.sql'
    do $$ begin raise 'no run was given'; end $$;
\endif
\ir parts/no_transaction.sql

-- Raises UW001 where there is no such run. One that is not undone is asked for alone.
select r.status, coalesce(u.together, array[r.id]) as runs
from unwind.get_run(:'run') as r
left join unwind.undone_runs as u on u.run_id operator(pg_catalog.=) r.id \gset

\if :go
\else
    \echo
    \echo The runs that come back, and why their undo cannot be taken back (blocked_by)
    select u.run_id, u.workflow, u.blocked_by
    from unwind.undone_runs as u
    where u.run_id operator(pg_catalog.=) any(:'runs'::pg_catalog.text [])
    order by u.run_id;
    \echo What would be done in captured tables; of conflicts the keys, ten of them
    select
        c.table_name,
        c.action,
        pg_catalog.count(*) as rows,
        pg_catalog.array_to_string((pg_catalog.array_agg(c.row_key order by c.row_key)
            filter (where c.action operator(pg_catalog.=) 'conflict')) [:10], '; ') as conflicts
    from unwind.find_changes(:'run', of_undo => true, on_conflict => :'on_conflict') as c
    group by c.table_name, c.action
    order by c.table_name, c.action;
    \echo Run :run is :status. Nothing is changed. To take its undo back: the same again with -v go=1
    \quit
\endif

begin transaction isolation level read committed;
select pg_catalog.count(*) as restored
from unwind.restore_runs(:'runs', on_conflict => :'on_conflict') \gset

\echo
\echo Receipts: what was done
select c.run_id, c.table_name, c.rows_deleted, c.rows_reverted, c.rows_reinserted, c.rows_skipped
from unwind.compensations as c
where c.run_id operator(pg_catalog.=) any(:'runs'::pg_catalog.text [])
    and c.kind operator(pg_catalog.=) 'restore'
    and c.undo operator(pg_catalog.=) (unwind_internal.undo_number(c.run_id) operator(pg_catalog.-) 1)
order by c.run_id, c.ordinal;

\echo The runs
select r.id, r.status, r.held_at
from unwind.workflow_runs as r
where r.id operator(pg_catalog.=) any(:'runs'::pg_catalog.text [])
order by r.id;

commit;
\echo Run :run is restored.

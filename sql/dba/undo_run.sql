-- Undoes one run: shows the preview, compensates in one transaction, verifies, and only then commits.
--
-- When: show_run.sql or failed_runs.sql led here.
--
--     psql -v run=<run id> -f undo_run.sql
--     psql -v run=<run id> -v go=1 -f undo_run.sql
--     psql -v run=<run id> -v force=true -v go=1 -f undo_run.sql
--     psql -v run=<run id> -v on_conflict=skip -v go=1 -f undo_run.sql
--
-- Without go=1 it only shows the preview. force: also a COMPLETED run (UW005 otherwise), or one under another worker's
-- live claim (UW006). Captured rows that somebody else has changed since (conflict) refuse it (UW011), unless
-- on_conflict is skip, which leaves them as they are, or merge, which leaves the columns that others have changed. Any
-- error, or a row that is left at the end, rolls everything back and ends psql with status 3. Again for the same run it
-- shows the same receipts and deletes nothing. To look first: sql/dba/show_run.sql; to take it back: restore_run.sql.
--
-- Where somebody holds the run, a NOTICE says who, and it waits: ten seconds, or as long as -v lock_timeout=1min or the
-- session's own lock_timeout and statement_timeout let it. After either nothing is gone.
\ir parts/settings.sql
\if :{?run}
\else
    \warn 'usage: psql -v run=<run id> -f undo_run.sql'
    do $$ begin raise 'no run was given'; end $$;
\endif
\if :{?force}
\else
    \set force false
\endif

\ir parts/no_transaction.sql

\if :go
\else
    -- Raises UW001 where there is no such run.
    select r.status from unwind.get_run(:'run') as r \gset
    \echo
    \echo To be deleted, children first; and to be restored in captured tables
    select p.ordinal, p.step, p.table_name, p.action, p.row_count, p.blocked_by
    from unwind.preview_run(:'run') as p order by p.ordinal;
    select
        coalesce(pg_catalog.bool_or(p.action operator(pg_catalog.<>) 'conflict'), false) as is_blocked,
        coalesce(pg_catalog.bool_or(p.action operator(pg_catalog.=) 'conflict'), false)
        and :'on_conflict' operator(pg_catalog.=) 'refuse' as is_in_conflict
    from unwind.preview_run(:'run') as p
    where p.blocked_by is not null \gset
    \if :is_blocked
        \echo It would be refused: rows of others refer to what would go (blocked_by). Undo their runs first, or together:
        \echo select * from unwind.find_dependent_runs(run_id);
    \endif
    \if :is_in_conflict
        \echo It would be refused: somebody else has changed captured rows since (conflict). To leave them as they are:
        \echo -v on_conflict=skip. To undo the columns that nobody else has changed: -v on_conflict=merge
    \endif
    \echo Run :run is :status. Nothing is changed. To undo it: the same again with -v go=1
    \quit
\endif

begin transaction isolation level read committed;

-- Before anything is read: what a step in flight has written has to be seen, on other servers too, whose snapshot stays
-- what it is until the end. Raises UW001 where there is no such run.
select r.id as locked from unwind_internal.lock_run(:'run') as r \gset

\echo
\echo To be deleted, children first; and to be restored in captured tables
select p.ordinal, p.step, p.table_name, p.action, p.row_count, p.blocked_by
from unwind.preview_run(:'run') as p order by p.ordinal;

\echo Receipts: what was deleted and restored
select c.ordinal, c.step, c.table_name, c.rows_deleted, c.rows_reverted, c.rows_reinserted, c.rows_skipped
from unwind.compensate_run(:'run', force => :'force', on_conflict => :'on_conflict') as c
order by c.ordinal;

\echo Left (no row: nothing)
select v.table_name, v.rows_left from unwind.verify_run(:'run') as v;

select exists (select from unwind.verify_run(:'run')) as rows_are_left \gset
\if :rows_are_left
    do $$ begin raise 'rows are left: everything is rolled back'
        using detail = 'They are below keys of a step that was undone before this, and came since.',
        hint = 'Delete them by hand, or find whose they are: select * from unwind.find_orphans();'; end $$;
\endif

commit;
\echo Run :run is undone.
select exists (
    select from unwind.undone_runs as u where u.run_id operator(pg_catalog.=) :'run' and u.blocked_by is null
) as comes_back \gset
\if :comes_back
    \echo It can be taken back: restore_run.sql
\endif

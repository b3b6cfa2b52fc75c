-- Takes the undo of a run back: what it deleted in captured tables, by recorded keys, cascade links or images, is there
-- again, and what it restored is as the run had left it; all or nothing. Where somebody else has changed a row since,
-- it refuses or skips. The run is COMPLETED again if it was, else FAILED, and held: no sweep undoes it. Again on a run
-- that is restored it returns the same receipts and changes nothing.
-- The caller's search_path stays, for the user's triggers (see undo_workflow).
-- Errors: 42501 for a run of somebody else's, UW001, UW004, UW007, UW008, UW009, UW010, UW011, UW014, UW018, 55000,
-- 55P03.
create or replace function unwind.restore_run(run_id text, on_conflict text default 'refuse')
returns table (
    ordinal int, step text, table_name text, rows_deleted bigint, rows_reverted bigint, rows_reinserted bigint,
    rows_skipped bigint
)
language plpgsql
set enable_seqscan = off
as $$
begin
    perform unwind_internal.restore_together(array[run_id], on_conflict);
    return query
    select c.ordinal, c.step, c.table_name, c.rows_deleted, c.rows_reverted, c.rows_reinserted, c.rows_skipped
    from unwind.compensations as c
    where c.run_id operator(pg_catalog.=) restore_run.run_id
        and c.kind operator(pg_catalog.=) 'restore'
        and c.undo operator(pg_catalog.=) (unwind_internal.undo_number(restore_run.run_id) operator(pg_catalog.-) 1)
    order by c.ordinal;
end
$$;
comment on function unwind.restore_run(text, text) is
'Takes the undo of a run back, in captured tables, in one transaction, and returns its receipts: what the undo deleted '
'is there again (rows_reinserted). on_conflict: refuse, skip or merge rows that somebody else has changed. '
'Errors: UW001, UW004, UW007, UW008, UW009, UW010, UW011, UW014, UW018, 42501, 55000, 55P03.';

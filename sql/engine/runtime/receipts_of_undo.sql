-- What compensate_run returns, read from the receipts: of the undo of a run that counts.
create or replace function unwind_internal.receipts_of_undo(run_id text)
returns table (
    ordinal int, step text, table_name text, rows_deleted bigint, rows_reverted bigint, rows_reinserted bigint,
    rows_skipped bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
    select c.ordinal, c.step, c.table_name, c.rows_deleted, c.rows_reverted, c.rows_reinserted, c.rows_skipped
    from unwind.compensations as c
    where c.run_id = receipts_of_undo.run_id
        and c.kind = 'undo'
        and c.undo = unwind_internal.undo_number(receipts_of_undo.run_id)
    order by c.ordinal
$$;

-- The end of an undo of one whole run by its images alone: its receipt, and its status, as close_run has it; and, where
-- it was not captured, how it can be taken back (undo_mirrored).
-- SECURITY DEFINER, and looks by itself at who asks: see open_books.
-- Errors: 42501; UW002 where the run is COMPENSATED already.
create or replace function unwind_internal.close_captured(
    run_id text, receipts unwind_internal.image_receipt [], is_mirrored boolean
)
returns unwind_internal.receipts
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
declare
    v_receipt unwind_internal.receipts;
begin
    select
        coalesce(array_agg(c.table_name), '{}'),
        coalesce(array_agg(c.rows_deleted), '{}'),
        coalesce(array_agg(c.rows_reverted), '{}'),
        coalesce(array_agg(c.rows_reinserted), '{}'),
        coalesce(array_agg(c.rows_skipped), '{}')
    into v_receipt.tables, v_receipt.counts, v_receipt.reverted, v_receipt.reinserted, v_receipt.skipped
    from (select o.* from unnest(close_captured.receipts) as o order by o.table_name) as c;
    perform unwind_internal.mark_undone(array[run_id]);
    insert into unwind_internal.receipts as r (
        run_id, steps, tables, counts, reverted, reinserted, skipped, compensated_by, login
    )
    values (
        close_captured.run_id, array_fill(null::text, array[cardinality(v_receipt.tables)]), v_receipt.tables,
        v_receipt.counts, v_receipt.reverted, v_receipt.reinserted, v_receipt.skipped, unwind_internal.acting_role(),
        session_user
    )
    returning r.run_id into v_receipt.run_id;
    if is_mirrored then
        insert into unwind_internal.restorable_runs (run, undone_with, members, is_mirrored)
        select r.number, r.number, 1, true from unwind.workflow_runs as r where r.id = close_captured.run_id;
    end if;
    return v_receipt;
end
$$;

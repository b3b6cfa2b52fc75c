-- The end of an undo of one whole run by its images alone: see close_run. receipts: a row per table.
-- Errors: 42501; UW002 where the run is COMPENSATED already.
create or replace function unwind_internal.close_captured(
    run_id text, receipts unwind_internal.image_receipt [], is_mirrored boolean
)
returns unwind_internal.receipts
language plpgsql
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
declare
    v_receipt unwind_internal.receipts;
begin
    select
        coalesce(array_agg(null::text), '{}'),
        coalesce(array_agg(c.table_name), '{}'),
        coalesce(array_agg(c.rows_deleted), '{}'),
        coalesce(array_agg(c.rows_reverted), '{}'),
        coalesce(array_agg(c.rows_reinserted), '{}'),
        coalesce(array_agg(c.rows_skipped), '{}')
    into
        v_receipt.steps, v_receipt.tables, v_receipt.counts, v_receipt.reverted, v_receipt.reinserted,
        v_receipt.skipped
    from (select o.* from unnest(close_captured.receipts) as o order by o.table_name) as c;
    return unwind_internal.close_run(
        run_id, v_receipt.steps, v_receipt.tables, v_receipt.counts, v_receipt.reverted, v_receipt.reinserted,
        v_receipt.skipped, is_mirrored
    );
end
$$;

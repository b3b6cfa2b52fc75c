-- What an undo has taken by recorded keys and by images is, together, not more than it may be.
-- Errors: UW019.
create or replace function unwind_internal.assert_images_in_all(
    run_ids text [], max_rows bigint, before bigint, receipts unwind_internal.image_receipt []
)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_by_keys constant bigint := unwind_internal.rows_deleted_in_all(run_ids) - before;
begin
    perform unwind_internal.assert_max_rows(
        max_rows, run_ids,
        array_agg(r.table_name) || 'rows of recorded keys'::text,
        array_agg(r.rows_deleted + r.rows_reverted + r.rows_reinserted) || v_by_keys
    )
    from unnest(receipts) as r;
end
$$;

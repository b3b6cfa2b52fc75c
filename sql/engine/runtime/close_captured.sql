-- The end of an undo of one whole run by its images alone: its receipt, and its status, as close_run has it.
-- SECURITY DEFINER, and looks by itself at who asks: see open_books.
-- Errors: 42501; UW002 where the run is COMPENSATED already.
create or replace function unwind_internal.close_captured(run_id text, receipts unwind_internal.image_receipt [])
returns unwind_internal.receipts
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
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
    for v_opened in 0..1 loop
        with closed as (
            update unwind.workflow_runs as r
            set status = 'COMPENSATED', updated_at = now(),
                claimed_by = null, claimed_at = null, lease_expires_at = null, retry_at = null, held_at = null
            where r.id = close_captured.run_id and (v_opened = 1 or unwind_internal.is_free(r))
            returning r.id
        )

        insert into unwind_internal.receipts as r (
            run_id, steps, tables, counts, reverted, reinserted, skipped, compensated_by, login
        )
        select
            c.id, array_fill(null::text, array[cardinality(v_receipt.tables)]), v_receipt.tables, v_receipt.counts,
            v_receipt.reverted, v_receipt.reinserted, v_receipt.skipped, unwind_internal.acting_role(), session_user
        from closed as c
        returning
            r.run_id,
            case when not exists (select from unwind_internal.receipts as e where e.run_id = r.run_id) then r.steps end
        into v_receipt.run_id, v_receipt.steps;
        exit when found;
        perform unwind_internal.open_books(array[run_id]);
    end loop;
    return v_receipt;
end
$$;

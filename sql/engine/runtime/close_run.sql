-- The end of an undo of one whole run: its status, by which whoever reads COMPENSATED reads it with the deletes, and
-- its receipt, which it gives. It asks by itself whether it may, and the books are opened only where it may not. Of an
-- undo by images the receipt says what was restored; and, where it was not captured, is_mirrored is kept, by which it
-- can be taken back (undo_mirrored).
-- SECURITY DEFINER, and looks by itself at who asks: see open_books.
-- Errors: 42501; UW002 where the run is COMPENSATED already.
create or replace function unwind_internal.close_run(
    run_id text, steps text [], tables text [], counts bigint [],
    reverted bigint [] default null, reinserted bigint [] default null, skipped bigint [] default null,
    is_mirrored boolean default false
)
returns unwind_internal.receipts
language plpgsql
security definer
as $$
declare
    v_number bigint;
    v_receipt unwind_internal.receipts;
begin
    for v_opened in 0..1 loop
        update unwind.workflow_runs as r
        set status = 'COMPENSATED', updated_at = pg_catalog.now(),
            claimed_by = null, claimed_at = null, lease_expires_at = null, retry_at = null, held_at = null
        where r.id operator(pg_catalog.=) close_run.run_id
            and (v_opened operator(pg_catalog.=) 1 or unwind_internal.is_free(r))
        returning r.number into v_number;
        if found then
            if is_mirrored then
                insert into unwind_internal.restorable_runs (run, undone_with, members, is_mirrored)
                values (v_number, v_number, 1, true);
            end if;
            insert into unwind_internal.receipts as r (
                run_id, steps, tables, counts, reverted, reinserted, skipped, compensated_by, login
            )
            values (
                close_run.run_id, close_run.steps, close_run.tables, close_run.counts, close_run.reverted,
                close_run.reinserted, close_run.skipped, unwind_internal.acting_role(), session_user
            )
            returning r.run_id, r.steps, r.tables, r.counts, r.reverted, r.reinserted, r.skipped
            into
                v_receipt.run_id, v_receipt.steps, v_receipt.tables, v_receipt.counts, v_receipt.reverted,
                v_receipt.reinserted, v_receipt.skipped;
            return v_receipt;
        end if;
        perform unwind_internal.open_books(array[run_id]);
    end loop;
    return null;
end
$$;

-- The end of an undo of one whole run: its status, by which whoever reads COMPENSATED reads it with the deletes, and
-- its receipt, which it gives. It asks by itself whether it may, and the books are opened only where it may not.
-- SECURITY DEFINER, and looks by itself at who asks: see open_books.
-- Errors: 42501; UW002 where the run is COMPENSATED already.
create or replace function unwind_internal.close_run(run_id text, steps text [], tables text [], counts bigint [])
returns unwind_internal.receipts
language plpgsql
security definer
as $$
declare
    v_receipt unwind_internal.receipts;
begin
    for v_opened in 0..1 loop
        update unwind.workflow_runs as r
        set status = 'COMPENSATED', updated_at = pg_catalog.now(),
            claimed_by = null, claimed_at = null, lease_expires_at = null, retry_at = null, held_at = null
        where r.id operator(pg_catalog.=) close_run.run_id
            and (v_opened operator(pg_catalog.=) 1 or unwind_internal.is_free(r));
        if found then
            insert into unwind_internal.receipts as r (run_id, steps, tables, counts, compensated_by, login)
            values (
                close_run.run_id, close_run.steps, close_run.tables, close_run.counts, unwind_internal.acting_role(),
                session_user
            )
            returning r.run_id, r.steps, r.tables, r.counts
            into v_receipt.run_id, v_receipt.steps, v_receipt.tables, v_receipt.counts;
            return v_receipt;
        end if;
        perform unwind_internal.open_books(array[run_id]);
    end loop;
    return null;
end
$$;

-- The end of an undo of one whole run: its receipt, and its status, by which whoever reads COMPENSATED reads it with
-- the deletes. It gives the receipt; without steps where it is not the run's only one, for single steps were undone
-- before. It asks by itself whether it may, and the books are opened only where it may not.
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
        with closed as (
            update unwind.workflow_runs as r
            set status = 'COMPENSATED', updated_at = pg_catalog.now(),
                claimed_by = null, claimed_at = null, lease_expires_at = null, retry_at = null, held_at = null
            where r.id operator(pg_catalog.=) close_run.run_id
                and (v_opened operator(pg_catalog.=) 1 or unwind_internal.is_free(r))
            returning r.id
        )

        insert into unwind_internal.receipts as r (run_id, steps, tables, counts, compensated_by, login)
        select c.id, close_run.steps, close_run.tables, close_run.counts, unwind_internal.acting_role(), session_user
        from closed as c
        returning
            r.run_id, r.tables, r.counts,
            case when not exists (
                select from unwind_internal.receipts as e where e.run_id operator(pg_catalog.=) r.run_id
            ) then r.steps end
        into v_receipt.run_id, v_receipt.tables, v_receipt.counts, v_receipt.steps;
        exit when found;
        perform unwind_internal.open_books(array[run_id]);
    end loop;
    return v_receipt;
end
$$;

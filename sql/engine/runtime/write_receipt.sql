-- The receipts of an undo of one run: rows deleted per step and table.
-- SECURITY DEFINER, and looks by itself at who asks: see open_books.
-- Errors: 42501; UW002 where the run is COMPENSATED.
create or replace function unwind_internal.write_receipt(
    run_id text, steps text [], tables text [], counts bigint []
)
returns void
language plpgsql
security definer
as $$
begin
    for v_opened in 0..1 loop
        insert into unwind_internal.receipts (run_id, steps, tables, counts, compensated_by, login)
        select
            r.id, write_receipt.steps, write_receipt.tables, write_receipt.counts,
            unwind_internal.acting_role(), session_user
        from unwind.workflow_runs as r
        where r.id operator(pg_catalog.=) write_receipt.run_id
            and (v_opened operator(pg_catalog.=) 1 or unwind_internal.is_free(r))
        for update;
        exit when found;
        perform unwind_internal.open_books(array[run_id]);
    end loop;
end
$$;

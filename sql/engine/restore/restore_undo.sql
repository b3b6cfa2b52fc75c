-- Takes an undo back, that was captured under this negative number, by the images of what it did: what it deleted comes
-- back, what it put back goes. The runs' rows are locked.
-- The caller's search_path stays, for the user's triggers (see undo_workflow).
-- Errors: UW007, UW011, UW014; 42501.
create or replace function unwind_internal.restore_undo(number bigint, on_conflict text)
returns void
language plpgsql
set enable_seqscan = off
set jit = off
as $$
declare
    v_inside constant pg_catalog.text := coalesce(pg_catalog.current_setting('unwind.run', true), '');
    v_numbers constant bigint [] := array[number];
    v_receipts unwind_internal.image_receipt [];
begin
    perform unwind_internal.write_mirrored(number, on_conflict operator(pg_catalog.=) 'skip');
    -- Where it fails, they are taken back with all the rest.
    perform pg_catalog.set_config('unwind.run', unwind_internal.enter_restore(number), true),
        pg_catalog.set_config('unwind.undoing', 'on', true);
    v_receipts := array(
        select r
        from unwind_internal.undo_captured(
            v_numbers, coalesce(unwind_compiled.logs_of(v_numbers), '{}'), unwind_compiled.have_found(v_numbers),
            on_conflict
        ) as r
    );
    perform unwind_internal.close_restore(number, v_receipts);
    perform pg_catalog.set_config('unwind.run', v_inside, true), pg_catalog.set_config('unwind.undoing', '', true);
end
$$;

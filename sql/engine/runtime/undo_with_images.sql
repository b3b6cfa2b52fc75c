-- Undoes runs, whose rows are locked, that have images in captured tables: by their recorded keys, and then by their
-- images; or the other way round, where what a run recorded is still referred to by what only its images know. The undo
-- is captured as such (enter_undo), and the user's triggers can tell that it is one (unwind.undoing).
-- The caller's search_path stays, for the user's triggers (see undo_workflow).
-- Errors: UW007, UW008, UW009, UW011, UW014, UW019; 42501.
create or replace function unwind_internal.undo_with_images(
    run_ids text [], numbers bigint [], logs text [], on_conflict text, max_rows bigint default null
)
returns void
language plpgsql
set enable_seqscan = off
set jit = off
as $$
declare
    v_inside constant pg_catalog.text := coalesce(pg_catalog.current_setting('unwind.run', true), '');
    v_have_found constant boolean := unwind_compiled.have_found(numbers);
    v_before bigint;
    v_receipts unwind_internal.image_receipt [];
    v_detail pg_catalog.text;
    v_hint pg_catalog.text;
begin
    -- Where it fails, they are taken back with all the rest.
    perform pg_catalog.set_config('unwind.run', unwind_internal.enter_undo(numbers), true),
        pg_catalog.set_config('unwind.undoing', 'on', true);
    if max_rows is not null then
        v_before := unwind_internal.rows_deleted_in_all(run_ids);
    end if;
    if v_have_found then
        perform unwind_internal.release_found_keys(run_ids);
    end if;
    begin
        perform unwind_internal.undo_runs(run_ids, max_rows);
        v_receipts := array(select r from unwind_internal.undo_captured(numbers, logs, v_have_found, on_conflict) as r);
    exception
        when sqlstate 'UW007' then
            get stacked diagnostics v_detail = pg_exception_detail, v_hint = pg_exception_hint;
            v_receipts := unwind_internal.undo_images_first(
                run_ids, numbers, logs, v_have_found, on_conflict, max_rows, v_detail, v_hint
            );
    end;
    if max_rows is not null then
        perform unwind_internal.assert_images_in_all(run_ids, max_rows, v_before, v_receipts);
    end if;
    perform unwind_internal.write_image_receipts(run_ids, v_receipts), unwind_internal.note_lost_tables(run_ids);
    perform pg_catalog.set_config('unwind.run', v_inside, true), pg_catalog.set_config('unwind.undoing', '', true);
end
$$;

-- Undoes a run, whose row is locked, and whose undo is to be captured, the shortest way: by its recorded keys alone, or
-- by its images alone; else see undo_with_images. images: as images_of has them. Gives the receipt, or
-- null where there are several.
-- The caller's search_path stays, for the user's triggers (see undo_workflow).
-- Errors: UW007, UW008, UW009, UW011, UW014, UW019; 42501.
create or replace function unwind_internal.undo_run_with_images(
    held unwind_internal.held_run, images unwind_internal.run_images, on_conflict text, max_rows bigint default null
)
returns unwind_internal.receipts
language plpgsql
set enable_seqscan = off
set jit = off
as $$
declare
    v_inside constant pg_catalog.text := coalesce(pg_catalog.current_setting('unwind.run', true), '');
    v_logs constant pg_catalog.text [] := coalesce(images.logs, '{}');
    v_receipts unwind_internal.image_receipt [];
    v_is_mirrored pg_catalog.bool := false;
    v_receipt unwind_internal.receipts;
begin
    if max_rows is not null
        or v_logs operator(pg_catalog.<>) '{}' and held.steps is not null
    then
        perform unwind_internal.undo_with_images(array[held.run_id], array[held.number], v_logs, on_conflict, max_rows);
        return null;
    end if;
    -- Where it fails, settings are taken back with all the rest.
    perform pg_catalog.set_config('unwind.undoing', 'on', true);
    if v_logs operator(pg_catalog.<>) '{}' and on_conflict operator(pg_catalog.=) 'refuse' then
        v_receipts := unwind_internal.undo_mirrored(array[held.number], images);
        v_is_mirrored := v_receipts is not null;
    end if;
    if not v_is_mirrored then
        perform pg_catalog.set_config('unwind.run', unwind_internal.enter_undo(array[held.number]), true);
    end if;
    if v_logs operator(pg_catalog.=) '{}' then
        v_receipt := unwind_internal.undo_workflow(held.workflow, array[held.run_id], held => held);
        perform unwind_internal.note_lost_tables(array[held.run_id]);
    else
        if not v_is_mirrored then
            v_receipts := array(
                select r
                from unwind_internal.undo_captured(
                    array[held.number], v_logs, images.have_found, on_conflict, images.images
                ) as r
            );
        end if;
        v_receipt := unwind_internal.close_captured(held.run_id, v_receipts, v_is_mirrored);
    end if;
    perform pg_catalog.set_config('unwind.run', v_inside, true), pg_catalog.set_config('unwind.undoing', '', true);
    return v_receipt;
end
$$;

-- Undoes a run, whose row is locked, in captured tables, so that nothing of it has to be captured: what it did is what
-- the run's images say, with signs turned, and close_captured notes that. So it is by a kept undo, where no code of the
-- user's runs, and each row that the run changed is restored, for none was already. Else it does nothing, and gives
-- null: undo_captured is for that. images: as images_of has them. Receipts: a row per table.
-- The caller's search_path stays, and row_security is off, as in undo_captured.
-- Errors: UW011; 42501.
create or replace function unwind_internal.undo_mirrored(numbers bigint [], images unwind_internal.run_images)
returns unwind_internal.image_receipt []
language plpgsql
set row_security = off
as $$
declare
    v_undo constant unwind_internal.kept_undos
    := unwind_internal.hold_kept(images.logs, images.have_found is not true);
    v_receipts unwind_internal.image_receipt [];
begin
    if v_undo.is_foreseen is not true then
        return null;
    end if;
    perform pg_catalog.set_config('unwind.run', '', true);
    if v_undo.inserted_only then
        v_receipts := unwind_internal.restore_inserted(v_undo, numbers, images.images, is_mirrored => true);
    else
        v_receipts := unwind_internal.restore_rows(v_undo, numbers, 'refuse', is_mirrored => true);
    end if;
    return v_receipts;
exception
    -- UW015: a bound role's writes have to be some run's.
    when sqlstate 'ZZ001' or sqlstate 'UW007' or sqlstate 'UW014' or sqlstate 'UW015'
        or integrity_constraint_violation or data_exception or raise_exception
    then
        return null;
end
$$;

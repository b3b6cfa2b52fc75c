-- Undoes runs by their images, and then by their recorded keys: their keys first was refused, by UW007 with this detail
-- and hint. Where both ways are, the first says which rows of which runs are in the way, and the second what PostgreSQL
-- says of them.
-- The caller's search_path stays, for the user's triggers (see undo_workflow).
-- Errors: UW007, UW008, UW009, UW011, UW014, UW019; 42501.
create or replace function unwind_internal.undo_images_first(
    run_ids text [], numbers bigint [], logs text [], have_found boolean, on_conflict text, max_rows bigint,
    detail text, hint text
)
returns unwind_internal.image_receipt []
language plpgsql
as $$
declare
    v_receipts unwind_internal.image_receipt [];
    v_message pg_catalog.text;
    v_detail pg_catalog.text;
    v_table pg_catalog.text;
begin
    v_receipts := array(select r from unwind_internal.undo_captured(numbers, logs, have_found, on_conflict) as r);
    perform unwind_internal.undo_runs(run_ids, max_rows);
    return v_receipts;
exception
    when sqlstate 'UW007' then
        if detail operator(pg_catalog.!~~) 'Rows that are in the way: (%' then
            raise;
        end if;
        get stacked diagnostics v_message = message_text, v_detail = pg_exception_detail, v_table = table_name;
        raise '%', v_message
        using errcode = 'UW007',
            detail = pg_catalog.concat_ws(
                e'\n', undo_images_first.detail,
                case when v_detail operator(pg_catalog.<>) undo_images_first.detail then v_detail end
            ),
            hint = undo_images_first.hint,
            table = v_table;
end
$$;

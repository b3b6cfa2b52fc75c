-- The undo of runs in captured tables as a query for this occasion, once their rows are locked; none where all of these
-- tables are gone, and it skips.
-- Errors: UW011; 42501.
create or replace function unwind_internal.make_undo(
    numbers bigint [], logs text [], on_conflict text, replaced int [],
    out undo unwind_internal.kept_undos, out query text
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_tables unwind_internal.captured_tables [] := '{}';
    v_log text;
    v_captured unwind_internal.captured_tables;
begin
    foreach v_log in array logs loop
        v_captured := unwind_internal.lock_captured(v_log, numbers, on_conflict = 'skip');
        if v_captured.log_name is not null then
            v_tables := v_tables || v_captured;
        end if;
    end loop;
    if v_tables <> '{}' then
        undo := unwind_internal.prepare_undo(v_tables, on_conflict = 'merge');
        query := unwind_internal.render_undo(v_tables, replaced, on_conflict = 'merge');
    end if;
end
$$;

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
    v_tables constant unwind_internal.captured_tables []
    := unwind_internal.hold_captured(logs, numbers, on_conflict = 'skip');
    v_captured unwind_internal.captured_tables;
begin
    if v_tables = '{}' then
        return;
    end if;
    foreach v_captured in array v_tables loop
        perform unwind_internal.lock_captured(v_captured, numbers);
    end loop;
    undo := unwind_internal.prepare_undo(v_tables, on_conflict = 'merge');
    query := unwind_internal.render_undo(v_tables, replaced, on_conflict = 'merge');
end
$$;

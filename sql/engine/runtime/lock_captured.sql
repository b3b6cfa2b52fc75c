-- Locks the rows that runs changed in a captured table, so that those who write to them have ended, and none comes
-- between; and gives the table, as hold_captured.
-- Errors: UW011, as touched_table; 42501.
create or replace function unwind_internal.lock_captured(log_name text, numbers bigint [], skipping boolean)
returns unwind_internal.captured_tables
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_captured constant unwind_internal.captured_tables
    := unwind_internal.hold_captured(log_name, numbers, skipping);
begin
    if v_captured.log_name is not null then
        perform unwind_internal.assert_readable(v_captured.table_name);
        execute unwind_internal.render_row_lock(v_captured) using numbers;
    end if;
    return v_captured;
end
$$;

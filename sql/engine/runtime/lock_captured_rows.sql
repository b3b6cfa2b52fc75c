-- Locks the rows that runs changed in captured tables, so that those who write to them have ended, and none comes
-- between.
-- Errors: 42501.
create or replace function unwind_internal.lock_captured_rows(
    tables unwind_internal.captured_tables [], numbers bigint []
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_captured unwind_internal.captured_tables;
begin
    foreach v_captured in array tables loop
        perform unwind_internal.assert_readable(v_captured.table_name);
        execute unwind_internal.render_row_lock(v_captured) using numbers;
    end loop;
end
$$;

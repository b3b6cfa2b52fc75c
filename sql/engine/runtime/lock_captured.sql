-- Locks the rows that runs changed in a captured table, so that those who write to them have ended, and none comes
-- between.
create or replace function unwind_internal.lock_captured(captured unwind_internal.captured_tables, numbers bigint [])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    execute unwind_internal.render_row_lock(captured) using numbers;
end
$$;

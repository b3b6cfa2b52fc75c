-- The batches of a plan statement (render_batches), and how many rows each takes; of a table without a key at least
-- one. Sorted, so that one batch is in memory at a time, whatever the planner would rather do; and its values written
-- so that they read alike under all settings.
create or replace function unwind_internal.find_batches(
    statement unwind.plan_statements, anchors text, batch_size int
)
returns table (batch text [], row_count int)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set row_security = off
set enable_hashagg = off
set jit = off
set datestyle = 'ISO, YMD'
set intervalstyle = 'iso_8601'
set bytea_output = 'hex'
set extra_float_digits = 1
as $$
begin
    return query execute unwind_internal.render_batches(statement, anchors, batch_size);
end
$$;

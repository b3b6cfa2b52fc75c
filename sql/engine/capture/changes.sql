-- What undoing these runs would do in captured tables, a row each; what is done already is left out.
-- Errors: UW011; 42501 where the caller may not read a table.
create or replace function unwind_internal.changes(
    numbers bigint [], skipping boolean default false, logs text [] default null, merging boolean default false
)
returns table (
    table_name text, row_key text, action text, changed_columns text [], changed_by text [],
    before jsonb, after jsonb, now jsonb
)
language plpgsql
set search_path = pg_catalog, pg_temp
set row_security = on -- the undo has it off, and the policy of workflow_runs has to go on
set enable_seqscan = off
set jit = off
as $$
declare
    v_captured unwind_internal.captured_tables;
begin
    for v_captured in
        select t.* from unwind_internal.touched_tables(numbers, skipping, logs) as t
    loop
        perform unwind_internal.assert_readable(v_captured.table_name);
        return query execute unwind_internal.render_find_changes(v_captured, merging) using numbers;
    end loop;
end
$$;

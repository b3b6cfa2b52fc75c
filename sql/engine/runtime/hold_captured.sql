-- Captured tables of an undo, as now, brought up to date; nobody alters them from here on. Those that were dropped are
-- left out, for an undo that skips. All are locked before any row, and for who writes there alone, so that no undo
-- waits for another one's tables while that waits for its rows.
-- Errors: UW011, as touched_table; 42501.
create or replace function unwind_internal.hold_captured(logs text [], numbers bigint [], skipping boolean)
returns unwind_internal.captured_tables []
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_tables constant regclass [] := array(
        select c.table_name
        from unwind_internal.all_captured() as c
        inner join pg_class as t on t.oid = c.table_name
        where c.log_name = any(logs)
        order by c.log_name
    );
begin
    if v_tables <> '{}' then
        perform unwind_internal.assert_all_readable(v_tables);
        execute format('lock table only %s in access share mode', array_to_string(v_tables, ', only '));
        if exists (select from unnest(logs) as l (name) where unwind_internal.stale_table(l.name) is not null) then
            perform unwind_internal.follow_altered(v_tables, logs, numbers, skipping);
        else
            execute format('lock table only %s in row exclusive mode', array_to_string(v_tables, ', only '));
        end if;
    end if;
    return array(select t from unwind_internal.touched_tables(numbers, skipping, logs) as t);
end
$$;

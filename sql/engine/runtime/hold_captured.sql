-- Locks a captured table, so that nobody alters it, and gives it, brought up to date; null where it was dropped, to an
-- undo that skips. Where it has to be, the table is locked first, against its writers: one of them, who has rows of it
-- locked, may be about to do the same.
-- Errors: UW011, as touched_table; 42501.
create or replace function unwind_internal.hold_captured(log_name text, numbers bigint [], skipping boolean)
returns unwind_internal.captured_tables
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_table regclass;
begin
    select c.table_name into v_table
    from unwind_internal.all_captured() as c
    inner join pg_class as t on t.oid = c.table_name
    where c.log_name = hold_captured.log_name;
    if found then
        perform unwind_internal.assert_readable(v_table);
        execute format('lock table only %s in access share mode', v_table);
        if unwind_internal.stale_table(log_name) is not null then
            execute format('lock table %s in share row exclusive mode', v_table);
        else
            execute format('lock table only %s in row exclusive mode', v_table);
        end if;
    end if;
    return unwind_internal.touched_table(log_name, numbers, skipping);
end
$$;

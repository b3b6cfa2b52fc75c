-- Puts tables under capture: from now on the engine keeps, in the same transaction, what a run that has been entered
-- inserts, updates and deletes there. Those that are captured already are brought up to date. All or none.
-- For the owner of the engine and the tables: it waits, as every CREATE TRIGGER does, for whoever is writing to them.
-- Errors: UW009, UW010.
create or replace function unwind.capture_table(variadic table_names regclass [])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_table regclass;
    v_captured unwind_internal.captured_tables;
begin
    perform unwind_internal.lock_definitions();
    perform unwind_internal.drop_lost_logs();
    for v_table in
        select distinct on (t.name::text) t.name from unnest(table_names) as t (name) order by t.name::text
    loop
        perform unwind_internal.assert_capturable(v_table);
        perform from unwind_internal.captured_tables as c where c.table_name = v_table;
        if not found then
            perform unwind_internal.make_log(v_table);
        end if;
        select f.* into v_captured
        from unwind_internal.captured_tables as c
        cross join lateral unwind_internal.follow_table(c.log_name) as f
        where c.table_name = v_table;
        perform unwind_internal.put_triggers(v_captured);
    end loop;
    perform unwind_internal.assert_cascades_captured(table_names);
end
$$;
comment on function unwind.capture_table(regclass []) is
'Puts tables under capture, or brings them up to date: what a run inserts, updates and deletes there is kept, and can '
'be undone without recorded keys. All or none. Errors: UW009, UW010.';

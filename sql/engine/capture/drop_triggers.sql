-- Takes the triggers of a captured table off it, and off its partitions.
create or replace function unwind_internal.drop_triggers(tbl regclass)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_trigger record;
begin
    for v_trigger in
        select g.tgrelid::regclass as table_name, g.tgname
        from pg_trigger as g
        where g.tgname in (
            'unwind_capture_insert', 'unwind_capture_update', 'unwind_capture_delete', 'unwind_capture_row',
            'unwind_capture_truncate'
        )
            and g.tgparentid = 0
            and (g.tgrelid = tbl or g.tgrelid in (select t.relid from pg_partition_tree(tbl) as t))
        order by g.tgrelid <> tbl, g.tgrelid::regclass::text, g.tgname
    loop
        execute format('drop trigger %I on %s', v_trigger.tgname, v_trigger.table_name);
    end loop;
end
$$;

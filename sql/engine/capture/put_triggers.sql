-- Puts the triggers of a captured table on it, or makes them whole again. ALWAYS: as a replica too. Those that capture
-- a partitioned table row by row come to every partition by themselves; those that refuse TRUNCATE do not.
create or replace function unwind_internal.put_triggers(captured unwind_internal.captured_tables)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_trigger record;
begin
    for v_trigger in
        select t.*
        from (
            select
                captured.table_name, 'unwind_capture_' || lower(f.operation) as name,
                case f.operation
                    when 'INSERT' then 'after insert on %s referencing new table as new_rows for each statement'
                    when 'UPDATE' then 'after update on %s '
                        'referencing old table as old_rows new table as new_rows for each statement'
                    when 'DELETE' then 'after delete on %s referencing old table as old_rows for each statement'
                    else 'after insert or update or delete on %s for each row'
                end as event,
                format('unwind_compiled.%I', f.name) as function
            from unwind_internal.capture_functions(captured) as f
            union all
            select p.relid, 'unwind_capture_truncate', 'before truncate on %s for each statement',
                'unwind_internal.refuse_truncate'
            from (
                select captured.table_name as relid
                union
                select t.relid from pg_partition_tree(captured.table_name) as t
            ) as p
        ) as t
        order by t.table_name <> captured.table_name, t.table_name::text, t.name
    loop
        execute format(
            'create or replace trigger %I %s execute function %s()',
            v_trigger.name, format(v_trigger.event, v_trigger.table_name), v_trigger.function
        );
        execute format('alter table %s enable always trigger %I', v_trigger.table_name, v_trigger.name);
    end loop;
end
$$;

-- Owners of a table's entities follow its key columns to their names of today: as one workflow's plan knows them or,
-- without a workflow, whatever else has their names now (kept_columns). In two steps, for two lists may change
-- places. Where an entity comes to have two owners, a run that is COMPENSATED gives way.
-- Errors: UW009 where two runs would own it.
create or replace function unwind_internal.move_owners(tbl regclass, workflow text default null)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_twice record;
    v_from text [];
    v_to text [];
    v_moved boolean := false;
begin
    perform unwind_internal.lock_owners();
    for v_from in select k.key_columns from unwind_internal.owner_keys(tbl) as k (key_columns) loop
        v_to := case
            when workflow is null then unwind_internal.kept_columns(tbl, v_from)
            else unwind_internal.renamed_columns(workflow, tbl, v_from)
        end;
        continue when v_to is null or v_to = v_from;
        -- An empty name in front, which no column has.
        update unwind.entity_owners as o
        set key_columns = ''::text || v_to
        where o.root_table = move_owners.tbl and o.key_columns = v_from;
        insert into unwind_internal.owning_columns (root_table, key_columns)
        values (tbl, v_to)
        on conflict on constraint owning_columns_pkey do nothing;
        v_moved := true;
    end loop;
    if not v_moved then
        return;
    end if;
    for v_twice in
        select n.key_columns[2:] as key_columns, n.entity_key, n.run_id, o.run_id as other_run_id
        from unwind.entity_owners as n
        inner join unwind.entity_owners as o
            on o.root_table = n.root_table and o.key_columns = n.key_columns[2:] and o.entity_key = n.entity_key
        where n.root_table = move_owners.tbl and n.key_columns[1] = ''
        order by n.entity_key
    loop
        if v_twice.other_run_id <> v_twice.run_id
            and (unwind_internal.known_run(v_twice.other_run_id)).status <> 'COMPENSATED'
            and (unwind_internal.known_run(v_twice.run_id)).status <> 'COMPENSATED'
        then
            perform unwind_internal.raise_owned_twice(
                tbl, v_twice.key_columns, v_twice.entity_key, v_twice.run_id, v_twice.other_run_id
            );
        end if;
        delete from unwind.entity_owners as o
        where o.root_table = tbl and o.entity_key = v_twice.entity_key and o.key_columns = case
            when (unwind_internal.known_run(v_twice.other_run_id)).status = 'COMPENSATED' then v_twice.key_columns
            else ''::text || v_twice.key_columns
        end;
    end loop;
    update unwind.entity_owners as o
    set key_columns = o.key_columns[2:]
    where o.root_table = tbl and o.key_columns[1] = '';
    perform unwind_internal.forget_dead_columns(tbl);
end
$$;

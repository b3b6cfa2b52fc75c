-- Definitions and owners go over from one table to another. A definition that is there already stands for both.
create or replace function unwind_internal.replace_table(former regclass, now regclass)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    delete from unwind.step_roots as r
    using unwind.step_roots as o
    where r.root_table = former and o.root_table = now
        and o.workflow = r.workflow and o.step = r.step and o.key_columns = r.key_columns;
    update unwind.step_roots as r set root_table = now where r.root_table = former;
    with gone as (
        delete from unwind.logical_foreign_keys as l where former in (l.child_table, l.parent_table) returning l.*
    )

    insert into unwind.logical_foreign_keys (
        child_table, child_columns, parent_table, parent_columns, on_delete, set_columns
    )
    select
        case g.child_table when former then now else g.child_table end, g.child_columns,
        case g.parent_table when former then now else g.parent_table end, g.parent_columns, g.on_delete, g.set_columns
    from gone as g
    on conflict on constraint logical_foreign_keys_pkey do nothing;
    insert into unwind.entity_owners (root_table, key_columns, entity_key, run_id)
    select replace_table.now, o.key_columns, o.entity_key, o.run_id
    from unwind.entity_owners as o
    where o.root_table = former
    on conflict on constraint entity_owners_pkey do nothing;
    delete from unwind.entity_owners as o where o.root_table = former;
    insert into unwind_internal.owning_columns (root_table, key_columns)
    select replace_table.now, c.key_columns
    from unwind_internal.owning_columns as c
    where c.root_table = former
    on conflict on constraint owning_columns_pkey do nothing;
    delete from unwind_internal.owning_columns as c where c.root_table = former;
end
$$;

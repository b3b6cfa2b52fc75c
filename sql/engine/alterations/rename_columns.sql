-- Definitions of all workflows, and the owners of entities, follow the columns of a table to their names of today:
-- see names_now. A definition that is there under the new names already, because somebody wrote it so, stands for
-- both.
-- Errors: UW009 where an entity would belong to two runs.
create or replace function unwind_internal.rename_columns(tbl regclass, workflow text default null)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_link unwind.logical_foreign_keys;
    v_now unwind.logical_foreign_keys;
    v_links unwind.logical_foreign_keys [] := '{}';
begin
    delete from unwind.step_roots as r
    using unwind.step_roots as o
    where r.root_table = rename_columns.tbl
        and o.workflow = r.workflow and o.step = r.step and o.root_table = r.root_table and o.root <> r.root
        and o.key_columns = unwind_internal.names_now(rename_columns.workflow, tbl, r.key_columns)
        and o.key_columns = unwind_internal.names_now(rename_columns.workflow, tbl, o.key_columns);
    update unwind.step_roots as r
    set key_columns = unwind_internal.names_now(rename_columns.workflow, tbl, r.key_columns)
    where r.root_table = rename_columns.tbl
        and r.key_columns <> unwind_internal.names_now(rename_columns.workflow, tbl, r.key_columns);
    for v_link in
        select l.* from unwind.logical_foreign_keys as l
        where rename_columns.tbl in (l.child_table, l.parent_table)
    loop
        v_now := v_link;
        if v_link.child_table = tbl then
            v_now.child_columns := unwind_internal.names_now(workflow, tbl, v_link.child_columns);
            v_now.set_columns := unwind_internal.names_now(workflow, tbl, v_link.set_columns);
        end if;
        if v_link.parent_table = tbl then
            v_now.parent_columns := unwind_internal.names_now(workflow, tbl, v_link.parent_columns);
        end if;
        continue when v_now = v_link;
        delete from unwind.logical_foreign_keys as l where l = v_link;
        v_links := v_links || v_now;
    end loop;
    insert into unwind.logical_foreign_keys
    select u.* from unnest(v_links) as u
    on conflict on constraint logical_foreign_keys_pkey do nothing;
    perform unwind_internal.move_owners(tbl, workflow);
end
$$;

-- Declares a foreign key that the schema does not have, or overrides the action of one it has. 'set null (a)' clears
-- those columns alone; without a list, those that a real SET NULL key on the same columns clears, or else all.
-- Errors: UW009, UW010.
create or replace function unwind.declare_foreign_key(
    child_table regclass,
    child_columns text [],
    parent_table regclass,
    parent_columns text [],
    on_delete text default 'cascade'
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_set_columns constant text [] := unwind_internal.set_null_columns(on_delete);
    v_action constant text := case when v_set_columns <> '{}' then 'set null' else on_delete end;
    v_changed boolean;
begin
    perform unwind_internal.lock_definitions();
    child_columns := unwind_internal.plain_array(child_columns);
    parent_columns := unwind_internal.plain_array(parent_columns);
    perform unwind_internal.assert_link(child_table, child_columns, parent_table, parent_columns);
    perform unwind_internal.assert_counts(child_table, child_columns, parent_table, parent_columns);
    perform unwind_internal.assert_action(on_delete, v_set_columns, child_columns);
    -- The same link with its columns in another order.
    delete from unwind.logical_foreign_keys as l
    where l.child_table = declare_foreign_key.child_table
        and l.parent_table = declare_foreign_key.parent_table
        and l.child_columns <> declare_foreign_key.child_columns
        and unwind_internal.link_columns(l.child_columns, l.parent_columns) = unwind_internal.link_columns(
            declare_foreign_key.child_columns, declare_foreign_key.parent_columns
        );
    v_changed := found;
    insert into unwind.logical_foreign_keys as l (
        child_table, child_columns, parent_table, parent_columns, on_delete, set_columns
    )
    values (
        declare_foreign_key.child_table, declare_foreign_key.child_columns,
        declare_foreign_key.parent_table, declare_foreign_key.parent_columns,
        v_action, v_set_columns
    )
    on conflict on constraint logical_foreign_keys_pkey do update
    set on_delete = excluded.on_delete, set_columns = excluded.set_columns
    where (l.on_delete, l.set_columns) is distinct from (excluded.on_delete, excluded.set_columns);
    if found or v_changed then
        perform unwind_internal.compile_workflows_of(array[parent_table, child_table]);
        perform unwind_internal.note_columns(child_table, child_columns);
        perform unwind_internal.note_columns(parent_table, parent_columns);
    end if;
end
$$;
comment on function unwind.declare_foreign_key(regclass, text [], regclass, text [], text) is
'Declares a logical foreign key, or overrides the ON DELETE action of a real one: cascade, restrict, set null, or '
'set null (columns). Errors: UW009, UW010.';

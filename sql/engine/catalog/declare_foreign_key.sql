-- Declares a foreign key that the schema does not have, or overrides the action of one it has.
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
begin
    perform unwind_internal.lock_definitions();
    perform unwind_internal.assert_link(child_table, child_columns, parent_table, parent_columns);
    if on_delete is null or on_delete not in ('cascade', 'restrict', 'set null') then
        raise 'a foreign key cannot have the action %', coalesce(quote_literal(on_delete), 'null')
        using errcode = 'UW009',
            detail = 'cascade: the child belongs to the parent; restrict: it only refers to it; '
                'set null: its link is cleared.',
            hint = 'Say ''cascade'', ''restrict'' or ''set null''.';
    end if;
    insert into unwind.logical_foreign_keys as l (
        child_table, child_columns, parent_table, parent_columns, on_delete
    )
    values (
        declare_foreign_key.child_table, declare_foreign_key.child_columns,
        declare_foreign_key.parent_table, declare_foreign_key.parent_columns,
        declare_foreign_key.on_delete
    )
    on conflict on constraint logical_foreign_keys_pkey do update
    set on_delete = excluded.on_delete
    where l.on_delete <> excluded.on_delete;
    if found then
        perform unwind_internal.compile_workflows_of(parent_table);
    end if;
end
$$;
comment on function unwind.declare_foreign_key(regclass, text [], regclass, text [], text) is
'Declares a logical foreign key, or overrides the ON DELETE action of a real one. Errors: UW009, UW010.';

-- Takes a declaration back; a real constraint on the same columns counts again with its own action.
-- Errors: UW009 where nothing was declared; UW010.
create or replace function unwind.drop_foreign_key(
    child_table regclass, child_columns text [], parent_table regclass, parent_columns text []
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform unwind_internal.lock_definitions();
    child_columns := unwind_internal.plain_array(child_columns);
    parent_columns := unwind_internal.plain_array(parent_columns);
    delete from unwind.logical_foreign_keys as l
    where l.child_table = drop_foreign_key.child_table
        and l.parent_table = drop_foreign_key.parent_table
        and unwind_internal.link_columns(l.child_columns, l.parent_columns) = unwind_internal.link_columns(
            drop_foreign_key.child_columns, drop_foreign_key.parent_columns
        );
    if not found then
        raise 'no foreign key was declared from %(%) to %(%)',
            coalesce(child_table::text, 'null'), array_to_string(child_columns, ', ', 'null'),
            coalesce(parent_table::text, 'null'), array_to_string(parent_columns, ', ', 'null')
        using errcode = 'UW009',
            detail = 'Only declared foreign keys can be dropped here; constraints are the schema''s own.',
            hint = 'table unwind.logical_foreign_keys;';
    end if;
    perform unwind_internal.compile_workflows_of(array[parent_table, child_table]);
end
$$;
comment on function unwind.drop_foreign_key(regclass, text [], regclass, text []) is
'Takes back a declare_foreign_key. Errors: UW009, UW010.';

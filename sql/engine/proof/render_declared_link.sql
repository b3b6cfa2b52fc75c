-- The call that declares a foreign key, on one line.
create or replace function unwind_internal.render_declared_link(
    child_table regclass, child_columns text [], parent_table regclass, parent_columns text [],
    on_delete text default 'cascade'
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format('select unwind.declare_foreign_key(%s, %s, %s, %s, %s);',
        unwind_internal.script_literal(child_table::text), unwind_internal.script_literal(child_columns::text),
        unwind_internal.script_literal(parent_table::text), unwind_internal.script_literal(parent_columns::text),
        unwind_internal.script_literal(on_delete)
    )
$$;

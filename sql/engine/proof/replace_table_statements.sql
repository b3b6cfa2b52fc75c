-- How definitions, and the entities of live runs, follow a name to the table that has it now.
create or replace function unwind_internal.replace_table_statements(former regclass, table_name text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select string_agg(
        format('update %s set %I = %L where %2$I = %4$L::regclass; ', u.tbl, u.col, replace_table_statements.table_name,
            replace_table_statements.former), '' order by u.n
    )
    from (values
        (1, 'unwind.step_roots', 'root_table'),
        (2, 'unwind.logical_foreign_keys', 'child_table'),
        (3, 'unwind.logical_foreign_keys', 'parent_table'),
        (4, 'unwind.entity_owners', 'root_table')
    ) as u (n, tbl, col)
$$;

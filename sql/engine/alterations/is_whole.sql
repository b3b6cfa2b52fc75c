-- Whether a root has its table and all its key columns.
create or replace function unwind_internal.is_whole(root unwind.step_roots)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select bool_and(unwind_internal.column_type((root).root_table, c.name) is not null)
    from unnest((root).key_columns) as c (name)
$$;

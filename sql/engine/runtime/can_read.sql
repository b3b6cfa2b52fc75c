-- Whether the caller can read these columns of a table.
create or replace function unwind_internal.can_read(tbl regclass, columns text [])
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select bool_and(has_column_privilege(can_read.tbl, c.name, 'SELECT'))
    from unnest(columns) as c (name)
$$;

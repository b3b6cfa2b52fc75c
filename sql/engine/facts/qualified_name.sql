-- A table's name with its schema, whatever the search_path.
create or replace function unwind_internal.qualified_name(tbl regclass)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format('%I.%I', n.nspname, c.relname)
    from pg_class as c
    inner join pg_namespace as n on n.oid = c.relnamespace
    where c.oid = tbl
$$;

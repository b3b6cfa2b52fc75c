-- How a key column is compared with a value of its type: the operator, with the schema of a type that is not
-- PostgreSQL's own.
create or replace function unwind_internal.key_operator(tbl regclass, column_name text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select coalesce((
        select format('operator(%s.=)', o.oprnamespace::regnamespace)
        from pg_operator as o
        where o.oprname = '=' and o.oprleft = t.type and o.oprright = t.type
        limit 1
    ), 'operator(pg_catalog.=)')
    from (select unwind_internal.column_type(tbl, column_name)::regtype::oid as type) as t
$$;

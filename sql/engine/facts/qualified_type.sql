-- A type as generated SQL has to write it where the caller's search_path is in force: with its schema, so that no type
-- of the same name can come before it.
create or replace function unwind_internal.qualified_type(type_name text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        select format('%I.%I', n.nspname, coalesce(e.typname, t.typname))
            || case when e.oid is null then '' else '[]' end
        from pg_type as t
        inner join pg_namespace as n on n.oid = t.typnamespace
        left join pg_type as e on e.oid = t.typelem and e.typarray = t.oid
        where t.oid = type_name::regtype
    );
end
$$;

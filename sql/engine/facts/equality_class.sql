-- The operator class that says which values of a type are equal: the default one for btree, or else for hash, found
-- as PostgreSQL finds it: for the type itself, for all arrays, enums, ranges or rows, or for a type that has the same
-- bytes. strategy: the number of "equal" in it. No row where the type has none.
create or replace function unwind_internal.equality_class(type oid)
returns table (family oid, input oid, strategy smallint)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select c.opcfamily, c.opcintype, case m.amname when 'btree' then 3 else 1 end::smallint
    from pg_type as t
    inner join pg_opclass as c
        on c.opcdefault
        and (
            c.opcintype = t.oid
            or c.opcintype = case
                when t.typsubscript = 'array_subscript_handler'::regproc then 'anyarray'::regtype
                when t.typtype = 'e' then 'anyenum'::regtype
                when t.typtype = 'r' then 'anyrange'::regtype
                when t.typtype = 'm' then 'anymultirange'::regtype
                when t.typtype = 'c' then 'record'::regtype
            end
            or exists (
                select from pg_cast as x
                where x.castsource = t.oid and x.casttarget = c.opcintype
                    and x.castmethod = 'b' and x.castcontext = 'i'
            )
        )
    inner join pg_am as m on m.oid = c.opcmethod and m.amname in ('btree', 'hash')
    inner join pg_type as i on i.oid = c.opcintype
    where t.oid = equality_class.type
    order by m.amname, c.opcintype <> t.oid, not i.typispreferred, c.oid
    limit 1;
end
$$;

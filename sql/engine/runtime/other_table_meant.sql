-- The other table, if any, that a bare name is under a search_path which is not in force here, for the role that acts:
-- null where it is the target, a part of it, a view of it, or nothing. Most databases have no other table of that name.
create or replace function unwind_internal.other_table_meant(target regclass, callers_path text)
returns regclass
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_name name;
    v_role name;
    v_meant oid;
begin
    select c.relname into v_name
    from pg_class as c
    where c.oid = other_table_meant.target
        and exists (
            select from pg_class as o
            where o.relname = c.relname and o.oid <> c.oid and o.relkind in ('r', 'p', 'f', 'v', 'm')
        );
    if not found then
        return null;
    end if;
    v_role := unwind_internal.acting_role();
    select c.oid into v_meant
    from (
        -- Temporary tables come first unless the path says otherwise.
        select 0 as place, 'pg_temp' as name where callers_path !~ '\mpg_temp\M'
        union all
        select p.place, coalesce(replace(p.parts[1], '""', '"'), lower(p.parts[2]))
        from regexp_matches(callers_path, '"((?:[^"]|"")+)"|([^",\s]+)', 'g') with ordinality as p (parts, place)
    ) as p
    inner join pg_namespace as n
        on n.nspname = case p.name when '$user' then v_role else p.name end
        or (p.name = 'pg_temp' and n.oid = pg_my_temp_schema())
    inner join pg_class as c on c.relnamespace = n.oid and c.relname = v_name
    where c.relkind in ('r', 'p', 'f', 'v', 'm') and has_schema_privilege(v_role, n.oid, 'usage')
    order by p.place
    limit 1;
    if v_meant is null or v_meant = target or unwind_internal.stands_for(v_meant, target) then
        return null;
    end if;
    return v_meant::regclass;
end
$$;

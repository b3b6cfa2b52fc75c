-- The operator for two types in a family of operator classes by its number, with its schema; null where it has none.
create or replace function unwind_internal.family_equality(
    family oid, left_type oid, right_type oid, strategy smallint
)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        select format('operator(%I.%s)', n.nspname, o.oprname)
        from pg_amop as a
        inner join pg_operator as o on o.oid = a.amopopr
        inner join pg_namespace as n on n.oid = o.oprnamespace
        where a.amopfamily = family
            and a.amoplefttype = left_type
            and a.amoprighttype = right_type
            and a.amopstrategy = strategy
            and a.amoppurpose = 's'
    );
end
$$;

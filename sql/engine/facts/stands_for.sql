-- Whether rows written to one relation are rows of the other: a partition or inheriting child of it, or a view of it.
create or replace function unwind_internal.stands_for(relation regclass, target regclass)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return exists (
        with recursive names (name) as (
            select stands_for.target::oid
            union
            select o.name
            from names
            cross join lateral (
                select i.inhrelid as name from pg_inherits as i where i.inhparent = names.name
                union all
                select r.ev_class
                from pg_depend as d
                inner join pg_rewrite as r on r.oid = d.objid
                where d.classid = 'pg_rewrite'::regclass
                    and d.refclassid = 'pg_class'::regclass
                    and d.refobjid = names.name
            ) as o
        )

        select from names as n where n.name = stands_for.relation
    );
end
$$;

-- Whether values of a type are made of parts that a domain checks: the elements of an array, the columns of a
-- composite type, the bounds of a range, at any depth. To read such a value is to run the domain's code, and keys are
-- read with the rights of the engine's owner.
create or replace function unwind_internal.has_checked_part(type regtype)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with recursive parts (type) as (
        select has_checked_part.type::oid
        union
        select p.type
        from parts
        inner join pg_type as t on t.oid = parts.type
        cross join lateral (
            select t.typelem as type where t.typelem <> 0
            union all
            select t.typbasetype where t.typtype = 'd'
            union all
            select a.atttypid from pg_attribute as a
            where a.attrelid = t.typrelid and t.typrelid <> 0 and a.attnum > 0 and not a.attisdropped
            union all
            select r.rngsubtype from pg_range as r where t.oid in (r.rngtypid, r.rngmultitypid)
        ) as p
    )

    select exists (
        select from parts inner join pg_constraint as c on c.contypid = parts.type and c.contype = 'c'
    )
$$;

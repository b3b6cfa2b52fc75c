-- The columns by which a row of a table is known from one transaction to the next: its primary key, else those of the
-- narrowest unique index that covers all rows, at once, and no nulls. Null where there is none, as in a table that
-- others inherit from, whose indexes do not hold their rows.
create or replace function unwind_internal.row_key(tbl regclass)
returns text []
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select k.columns
    from pg_index as i
    inner join pg_class as c on c.oid = i.indrelid
    cross join lateral (
        select array_agg(a.attname::text order by u.place) as columns, bool_and(a.attnotnull) as is_never_null
        from unnest(i.indkey::int2 []) with ordinality as u (number, place)
        inner join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = u.number
        where u.place <= i.indnkeyatts
    ) as k
    where i.indrelid = row_key.tbl
        and i.indisunique and i.indisvalid and i.indimmediate and not i.indisexclusion
        and i.indpred is null and i.indexprs is null
        and k.is_never_null
        -- Unique in the sense of =, and found by it.
        and not exists (
            select from unnest(i.indclass::oid []) as u (class)
            inner join pg_opclass as o on o.oid = u.class
            where not o.opcdefault
        )
        and (c.relkind = 'p' or not exists (select from pg_inherits as h where h.inhparent = c.oid))
    order by i.indisprimary desc, i.indnkeyatts asc, i.indexrelid asc
    limit 1
$$;

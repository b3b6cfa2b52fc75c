-- The columns of a table's primary key, in its order; null where it has none.
create or replace function unwind_internal.primary_key(tbl regclass)
returns text []
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select array_agg(a.attname::text order by k.place)
    from pg_constraint as c
    cross join unnest(c.conkey) with ordinality as k (number, place)
    inner join pg_attribute as a on a.attrelid = c.conrelid and a.attnum = k.number
    where c.conrelid = primary_key.tbl and c.contype = 'p'
$$;

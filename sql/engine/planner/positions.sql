-- Where each name stands in a list of names.
create or replace function unwind_internal.positions(names text [], list text [])
returns int []
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select array_agg(array_position(positions.list, n.name) order by n.n)
    from unnest(positions.names) with ordinality as n (name, n)
$$;

-- Under which key columns entities of a table are owned. By hops over the index, for there may be millions.
create or replace function unwind_internal.owner_keys(tbl regclass)
returns setof text []
language sql
stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
    with recursive hops (key_columns) as (
        (
            select o.key_columns from unwind.entity_owners as o
            where o.root_table = owner_keys.tbl
            order by o.key_columns
            limit 1
        )
        union all
        select (
            select o.key_columns from unwind.entity_owners as o
            where o.root_table = owner_keys.tbl and o.key_columns > h.key_columns
            order by o.key_columns
            limit 1
        )
        from hops as h
        where h.key_columns is not null
    )

    select h.key_columns from hops as h where h.key_columns is not null
$$;

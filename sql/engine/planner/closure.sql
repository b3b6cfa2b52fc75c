-- What can be reached from a node along edges, the node itself among it.
create or replace function unwind_internal.closure(node int, origins int [], ends int [])
returns int []
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    with recursive edges as materialized (
        select e.origin, e.finish from unnest(origins, ends) as e (origin, finish)
    ),

    reached (node) as (
        select closure.node
        union
        select e.finish from reached as r inner join edges as e on e.origin = r.node
    )

    select array_agg(r.node) from reached as r
$$;

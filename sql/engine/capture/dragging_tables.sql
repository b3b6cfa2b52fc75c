-- Tables that the undo of these captured tables names: themselves, and those from which rows would go along.
create or replace function unwind_internal.dragging_tables(tables unwind_internal.captured_tables [])
returns regclass []
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select array_agg(distinct d.name order by d.name)
    from generate_series(1, cardinality(tables)) as t (n)
    cross join lateral (
        select (tables[t.n]).table_name as name
        union all
        select l.child from unwind_internal.drag_links(tables, t.n::int) as l
    ) as d
$$;

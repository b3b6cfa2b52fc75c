-- The keys or capture statement that a way starts from, through however many parents.
create or replace function unwind_internal.way_anchor(way unwind_internal.plan_ways)
returns int
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with recursive chain (anchor, parent_way) as (
        select (way_anchor.way).anchor, (way_anchor.way).parent_way
        union all
        select w.anchor, w.parent_way
        from chain as c
        inner join unwind_internal.plan_ways as w on w.workflow = (way_anchor.way).workflow and w.way = c.parent_way
    )

    select c.anchor from chain as c where c.anchor is not null
$$;

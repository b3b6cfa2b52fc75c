-- The keys or capture statement that a way starts from, through however many parents.
create or replace function unwind_internal.way_anchor(way unwind_internal.plan_ways)
returns int
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    while way.parent_way is not null loop
        select w.* into strict way
        from unwind_internal.plan_ways as w
        where w.workflow = (way_anchor.way).workflow and w.way = (way_anchor.way).parent_way;
    end loop;
    return way.anchor;
end
$$;

-- The ways by which a step reaches a table, as far as they are planned.
create or replace function unwind_internal.ways_to(workflow text, step text, target regclass)
returns unwind_internal.plan_ways []
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return array(
        select w from unwind_internal.plan_ways as w
        where w.workflow = ways_to.workflow and w.step = ways_to.step and w.target = ways_to.target
        order by w.way
    );
end
$$;

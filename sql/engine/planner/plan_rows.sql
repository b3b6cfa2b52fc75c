-- The rows of the target; in one statement with all others of the component, where there is one, and locked by then.
create or replace function unwind_internal.plan_rows(workflow text, step text, target regclass, component int)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_ways constant unwind_internal.plan_ways [] := unwind_internal.ways_to(workflow, step, target);
begin
    if component is null and unwind_internal.has_several_links(workflow, target) then
        perform unwind_internal.plan_over_ways(v_ways, 'lock');
    end if;
    perform unwind_internal.plan_over_ways(v_ways, 'delete', component);
end
$$;

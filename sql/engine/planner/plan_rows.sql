-- The rows of the target; in one statement with all others of the component, where there is one.
create or replace function unwind_internal.plan_rows(workflow text, step text, target regclass, component int)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if component is null and unwind_internal.is_shared(workflow, target) then
        perform unwind_internal.plan_over_ways(workflow, step, target, 'lock');
    end if;
    perform unwind_internal.plan_over_ways(workflow, step, target, 'delete', component);
end
$$;

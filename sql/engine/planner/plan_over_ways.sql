-- One statement for each way into the target: what hangs below other rows of it, and was found last, first.
create or replace function unwind_internal.plan_over_ways(
    workflow text, step text, target regclass, action text, component int default null,
    after_way int default 0
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform unwind_internal.add_statement(
        plan_over_ways.workflow, plan_over_ways.step, plan_over_ways.action, plan_over_ways.target, w,
        component => plan_over_ways.component
    )
    from unwind_internal.plan_ways as w
    where w.workflow = plan_over_ways.workflow
        and w.step = plan_over_ways.step
        and w.target = plan_over_ways.target
        and w.way > plan_over_ways.after_way
        -- Rows kept elsewhere are locked as they go, in the order of their keys.
        and not (plan_over_ways.action = 'lock' and unwind_internal.is_kept_elsewhere(plan_over_ways.target))
    order by -w.way; -- not by the column, or all ways of the workflow are read in that order
end
$$;

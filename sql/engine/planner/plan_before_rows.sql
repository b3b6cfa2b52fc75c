-- What comes before rows of the target go: what must not be left dangling, what is to be cleared, what is not ours.
create or replace function unwind_internal.plan_before_rows(
    workflow text, step text, target regclass, cycle regclass []
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    -- Rows of other tables can be looked at while their parents are there.
    perform unwind_internal.plan_inbound(workflow, step, target, 'restrict', 'refuse', cycle, false);
    perform unwind_internal.plan_inbound(workflow, step, target, 'set null', 'lock', cycle, false);
    perform unwind_internal.plan_inbound(workflow, step, target, 'set null', 'set null', cycle, false);
    perform unwind_internal.plan_inbound(workflow, step, target, 'set null', 'set null', cycle, true);
    perform unwind_internal.plan_guards(workflow, step, target);
end
$$;

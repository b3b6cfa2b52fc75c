-- The statements for one table: first what must not be left dangling, what is to be cleared and what is not
-- ours, then the rows.
create or replace function unwind_internal.plan_deletion(workflow text, step text, target regclass)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    -- Rows of other tables can be looked at while their parents are there.
    perform unwind_internal.plan_inbound(workflow, step, target, 'restrict', 'refuse', false);
    perform unwind_internal.plan_inbound(workflow, step, target, 'set null', 'set null', false);
    perform unwind_internal.plan_inbound(workflow, step, target, 'set null', 'set null', true);
    perform unwind_internal.plan_guards(workflow, step, target);
    -- What hangs below rows of the same table goes before them.
    perform unwind_internal.plan_inbound(workflow, step, target, 'cascade', 'delete', true);
    perform unwind_internal.add_statement(
        plan_deletion.workflow, plan_deletion.step, 'delete', plan_deletion.target,
        r.anchor, r.sources, r.condition
    )
    from unwind_internal.plan_ways as w
    cross join unwind_internal.render_way(w, 't') as r
    where w.workflow = plan_deletion.workflow
        and w.step = plan_deletion.step
        and w.target = plan_deletion.target
    order by w.way;
    -- Only once they are gone are rows of the same table that still refer to them somebody else's.
    perform unwind_internal.plan_inbound(workflow, step, target, 'restrict', 'refuse', true);
end
$$;

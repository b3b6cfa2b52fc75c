-- How a table is reached from the parents planned before it, and, where one join cannot say which of its rows
-- go, the capture of those rows' referenced columns. Where PostgreSQL would delete or clear what refers to them
-- by itself, the rows are locked before anything below them is looked at: a row in flight there would else go,
-- once its transaction ends, without a look at its owner and without a receipt.
create or replace function unwind_internal.plan_membership(
    workflow text, step text, target regclass, tables regclass []
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform unwind_internal.add_way(
        unwind_internal.link_way(
            plan_membership.workflow, plan_membership.step,
            f.child_table, f.child_columns, f.parent_table, f.parent_columns
        )
    )
    from unwind_internal.foreign_keys as f
    where f.child_table = plan_membership.target
        and f.parent_table = any(tables)
        and f.parent_table <> f.child_table
        and f.on_delete = 'cascade'
    order by f.parent_table::text, f.child_columns;
    if unwind_internal.deletes_by_itself(target) then
        perform unwind_internal.plan_over_ways(workflow, step, target, 'lock');
    end if;
    if unwind_internal.needs_capture(workflow, step, target) then
        perform unwind_internal.plan_capture(workflow, step, target);
        if unwind_internal.deletes_by_itself(target) then
            perform unwind_internal.plan_inbound(workflow, step, target, 'cascade', 'lock', true);
        end if;
    end if;
end
$$;

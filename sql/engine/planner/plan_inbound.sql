-- One statement for each link into the target with the given ON DELETE action, from these tables or from all others.
create or replace function unwind_internal.plan_inbound(
    workflow text, step text, target regclass, on_delete text, action text,
    children regclass [], from_these boolean
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform unwind_internal.add_statement(
        plan_inbound.workflow, plan_inbound.step, plan_inbound.action, f.child_table,
        unwind_internal.link_way(
            plan_inbound.workflow, plan_inbound.step,
            f.child_table, f.child_columns, f.parent_table, f.parent_columns, false
        ),
        case plan_inbound.action when 'lock' then '{}' when 'set null' then f.set_columns else f.child_columns end
    )
    from unwind_internal.plan_links as f
    where f.workflow = plan_inbound.workflow
        and f.parent_table = plan_inbound.target
        and f.on_delete = plan_inbound.on_delete
        and (f.child_table = any(plan_inbound.children)) = plan_inbound.from_these
        and (
            plan_inbound.action <> 'lock' or plan_inbound.on_delete <> 'set null'
            or unwind_internal.is_shared(plan_inbound.workflow, f.child_table)
        )
        and not (plan_inbound.action = 'lock' and unwind_internal.is_kept_elsewhere(f.child_table))
    order by f.child_table::text, f.child_columns;
end
$$;

-- One statement for each link into the target from tables that do not go with it, or from those that do: refuses what
-- would be left dangling, and clears what is to be cleared, locked before where two undos could want it. Rows of other
-- tables are looked at while their parents are there; of those that go together only once they are gone is it known
-- that what still refers to them is somebody else's.
create or replace function unwind_internal.plan_inbound(
    workflow text, step text, target regclass, together regclass [], is_gone boolean
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform unwind_internal.add_statement(
        plan_inbound.workflow, plan_inbound.step, a.action, f.child_table,
        unwind_internal.link_way(plan_inbound.step, f, false),
        case a.action when 'refuse' then f.child_columns when 'set null' then f.set_columns else '{}' end
    )
    from unwind_internal.plan_links as f
    inner join (values
        (1, 'restrict', 'refuse', false, false),
        (2, 'set null', 'lock', false, false),
        (3, 'set null', 'set null', false, false),
        (4, 'set null', 'set null', true, false),
        (5, 'restrict', 'refuse', true, true)
    ) as a (place, on_delete, action, from_together, once_gone)
        on a.on_delete = f.on_delete
        and a.from_together = (f.child_table = any(plan_inbound.together))
        and a.once_gone = plan_inbound.is_gone
    where f.workflow = plan_inbound.workflow
        and f.parent_table = plan_inbound.target
        and (
            a.action <> 'lock'
            or unwind_internal.has_several_links(plan_inbound.workflow, f.child_table)
            and not unwind_internal.is_kept_elsewhere(f.child_table)
        )
    order by a.place, f.child_table::text, f.child_columns;
end
$$;

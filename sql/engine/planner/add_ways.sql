-- The ways into tables of a step from each other (inner), or else from all others that are planned before them.
create or replace function unwind_internal.add_ways(workflow text, step text, tables regclass [], inner_ones boolean)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
    perform unwind_internal.add_way(
        unwind_internal.link_way(
            add_ways.workflow, add_ways.step, f.child_table, f.child_columns, f.parent_table, f.parent_columns,
            inner_ones
        )
    )
    from unwind_internal.plan_links as f
    where f.workflow = add_ways.workflow
        and f.child_table = any(tables)
        and (f.parent_table = any(tables)) = inner_ones
        and f.on_delete = 'cascade'
        and exists (
            select from unwind_internal.plan_ways as w
            where w.workflow = add_ways.workflow and w.step = add_ways.step and w.target = f.parent_table
            union all
            select from unwind.plan_statements as p
            where p.workflow = add_ways.workflow and p.step = add_ways.step and p.action = 'capture'
                and p.target = f.parent_table
        )
    order by f.child_table::text, f.parent_table::text, f.child_columns;
end
$$;

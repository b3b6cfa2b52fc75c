-- Keeps a way into a table, under the next number of its workflow.
create or replace function unwind_internal.add_way(way unwind_internal.plan_ways)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
    insert into unwind_internal.plan_ways (
        workflow, step, way, target, columns, anchor, anchor_columns, parent_way, parent_columns
    )
    select
        (add_way.way).workflow,
        (add_way.way).step,
        coalesce(max(w.way), 0) + 1,
        (add_way.way).target,
        (add_way.way).columns,
        (add_way.way).anchor,
        (add_way.way).anchor_columns,
        (add_way.way).parent_way,
        (add_way.way).parent_columns
    from unwind_internal.plan_ways as w
    where w.workflow = (add_way.way).workflow
$$;

-- How the rows of a child are reached from a parent that is planned already: where the link refers to just the
-- columns by which the parent itself is found, from the same anchor (so that children go even where the parent row is
-- gone); or from the parent's capture; or by a join to the parent. Among tables that are still being planned together,
-- in_together, only the capture knows all the parent's rows.
create or replace function unwind_internal.link_way(
    workflow text,
    step text,
    child_table regclass,
    child_columns text [],
    parent_table regclass,
    parent_columns text [],
    in_together boolean
)
returns unwind_internal.plan_ways
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_way unwind_internal.plan_ways;
    v_parent unwind_internal.plan_ways;
    v_capture unwind.plan_statements;
begin
    v_way.workflow := workflow;
    v_way.step := step;
    v_way.target := child_table;
    v_way.columns := child_columns;
    select w.* into v_parent
    from unwind_internal.plan_ways as w
    where w.workflow = link_way.workflow and w.step = link_way.step and w.target = link_way.parent_table
        and not exists (
            select from unwind_internal.plan_ways as o
            where o.workflow = w.workflow and o.step = w.step and o.target = w.target and o.way <> w.way
        );
    if not in_together and v_parent.columns @> parent_columns and v_parent.columns <@ parent_columns
        and v_parent.anchor is not null
    then
        v_way.anchor := v_parent.anchor;
        v_way.anchor_columns := array(
            select v_parent.anchor_columns[p.position]
            from unnest(unwind_internal.positions(parent_columns, v_parent.columns))
                with ordinality as p (position, n)
            order by p.n
        );
        return v_way;
    end if;
    select p.* into v_capture
    from unwind.plan_statements as p
    where p.workflow = link_way.workflow
        and p.step = link_way.step
        and p.action = 'capture'
        and p.target = link_way.parent_table;
    if found then
        v_way.anchor := v_capture.ordinal;
        v_way.anchor_columns := unwind_internal.positions(parent_columns, v_capture.columns);
    else
        v_way.parent_way := v_parent.way;
        v_way.parent_columns := parent_columns;
    end if;
    return v_way;
end
$$;

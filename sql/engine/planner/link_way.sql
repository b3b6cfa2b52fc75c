-- How the rows of a child are reached from a parent that is planned already: where the link refers to just the
-- columns by which the parent itself is found, from the same anchor (so that children go even where the parent row is
-- gone); or from the parent's capture; or by a join to the parent. Among tables that are still being planned together,
-- in_together, only the capture knows all the parent's rows.
create or replace function unwind_internal.link_way(
    step text, link unwind_internal.plan_links, in_together boolean
)
returns unwind_internal.plan_ways
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_parents constant unwind_internal.plan_ways [] := unwind_internal.ways_to(
        link.workflow, step, link.parent_table
    );
    v_parent unwind_internal.plan_ways;
    v_way unwind_internal.plan_ways;
begin
    v_way.workflow := link.workflow;
    v_way.step := step;
    v_way.target := link.child_table;
    v_way.columns := link.child_columns;
    if cardinality(v_parents) = 1 then
        v_parent := v_parents[1];
    end if;
    v_way.joins := 0;
    if not in_together and v_parent.parent_way is null
        and v_parent.columns @> link.parent_columns and v_parent.columns <@ link.parent_columns
    then
        v_way.anchor := v_parent.anchor;
        v_way.anchor_columns := array(
            select v_parent.anchor_columns[p.position]
            from unnest(unwind_internal.positions(link.parent_columns, v_parent.columns))
                with ordinality as p (position, n)
            order by p.n
        );
        return v_way;
    end if;
    select p.ordinal, unwind_internal.positions(link.parent_columns, p.columns)
    into v_way.anchor, v_way.anchor_columns
    from unwind.plan_statements as p
    where p.workflow = link.workflow
        and p.step = link_way.step
        and p.action = 'capture'
        and p.target = link.parent_table;
    if not found then
        v_way.anchor := v_parent.anchor;
        v_way.parent_way := v_parent.way;
        v_way.parent_columns := link.parent_columns;
        v_way.joins := v_parent.joins + 1;
    end if;
    return v_way;
end
$$;

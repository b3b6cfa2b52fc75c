-- The tables that the steps of a stage reach, children before parents, and where nothing else is to be said the last
-- step first (Kahn's algorithm; within a level by name, so that the same definitions give the same plan). Tables
-- that refer to each other in a cycle have one place and form a component; so does a table whose rows can refer to
-- others that a different statement would delete (rows_go_together).
-- Between steps only restrict counts: what cascades belongs to the step of its parent.
create or replace function unwind_internal.deletion_order(workflow text, steps text [])
returns table (place int, step text, target regclass, in_component boolean)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan -- = any(array) looks into a hash only where the array is known
as $$
declare
    v_steps text [];
    v_tables regclass [];
    v_together boolean [];
    v_children int [];
    v_parents int [];
    v_left int [];
    v_free int [];
    v_is_cycle boolean;
begin
    place := 0;
    select array_agg(t.step order by t.n, t.name::text), array_agg(t.name order by t.n, t.name::text)
    into v_steps, v_tables
    from (
        select s.step, s.n, unnest(unwind_internal.reached_tables(deletion_order.workflow, s.step)) as name
        from unnest(steps) with ordinality as s (step, n)
    ) as t;
    with nodes as materialized (
        select n.* from unnest(v_steps, v_tables) with ordinality as n (step, name, node)
    )

    select array_agg(c.node), array_agg(p.node) into v_children, v_parents
    from unwind_internal.plan_links as f
    inner join nodes as c on c.name = f.child_table
    inner join nodes as p on p.name = f.parent_table
    where f.workflow = deletion_order.workflow
        and f.child_table <> f.parent_table
        and ((c.step = p.step and f.on_delete in ('cascade', 'restrict')) or f.on_delete = 'restrict');
    v_together := unwind_internal.rows_go_together(workflow, v_steps, v_tables);
    v_left := array(select generate_subscripts(v_tables, 1));
    while cardinality(v_left) > 0 loop
        v_free := array(
            select l.node from unnest(v_left) as l (node)
            where not exists (
                select from unnest(v_children, v_parents) as e (child, parent)
                where e.parent = l.node and e.child = any(v_left)
            )
            order by l.node
        );
        v_is_cycle := v_free = '{}';
        if v_is_cycle then
            v_free := unwind_internal.first_cycle(v_left, v_children, v_parents);
        else
            v_free := array(select f.node from unnest(v_free) as f (node) where v_steps[f.node] = v_steps[v_free[1]]);
        end if;
        return query
        select
            deletion_order.place + case when v_is_cycle then 1 else f.n::int end, v_steps[f.node], v_tables[f.node],
            v_is_cycle or v_together[f.node]
        from unnest(v_free) with ordinality as f (node, n)
        order by f.node;
        place := place + case when v_is_cycle then 1 else cardinality(v_free) end;
        v_left := array(select l.node from unnest(v_left) as l (node) where l.node <> all(v_free));
    end loop;
end
$$;

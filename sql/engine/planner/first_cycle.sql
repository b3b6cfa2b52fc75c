-- Of nodes each of which has a child among them: a strongly connected component that has no child outside of it.
create or replace function unwind_internal.first_cycle(nodes int [], children int [], parents int [])
returns int []
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan -- = any(array) looks into a hash only where the array is known
as $$
declare
    v_node int := nodes[1];
    v_children int [];
    v_parents int [];
    v_below int [];
    v_cycle int [];
begin
    select array_agg(e.child), array_agg(e.parent) into v_children, v_parents
    from unnest(children, parents) as e (child, parent)
    where e.child = any(nodes) and e.parent = any(nodes);
    loop
        v_below := unwind_internal.closure(v_node, v_parents, v_children);
        v_cycle := array(
            select b.node from unnest(v_below) as b (node)
            intersect
            select a.node from unnest(unwind_internal.closure(v_node, v_children, v_parents)) as a (node)
        );
        exit when cardinality(v_cycle) = cardinality(v_below);
        -- What hangs below is not all of the cycle: a cycle lower down goes first.
        v_node := (select min(b.node) from unnest(v_below) as b (node) where b.node <> all(v_cycle));
    end loop;
    return v_cycle;
end
$$;

-- The ways into tables of a step from each other (inner), or else from all others that are planned before them. Gives
-- those that it adds.
create or replace function unwind_internal.add_ways(workflow text, step text, tables regclass [], inner_ones boolean)
returns unwind_internal.plan_ways []
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_ways unwind_internal.plan_ways [] := array(
        select w
        from unwind_internal.plan_links as f
        cross join lateral unwind_internal.link_way(add_ways.step, f, inner_ones) as w
        where f.workflow = add_ways.workflow
            and f.child_table = any(tables)
            and (f.parent_table = any(tables)) = inner_ones
            and f.on_delete = 'cascade'
            and w.anchor is not null -- the step reaches the parent
        order by f.child_table::text, f.parent_table::text, f.child_columns
    );
begin
    for n in 1..cardinality(v_ways) loop
        v_ways[n].way := unwind_internal.next_number('way');
    end loop;
    insert into unwind_internal.plan_ways select w.* from unnest(v_ways) as w;
    return v_ways;
end
$$;

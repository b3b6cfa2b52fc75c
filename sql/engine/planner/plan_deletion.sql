-- The statements for one table, or for those of a cycle: first what must not be left dangling, what is to be cleared
-- and what is not ours, then the rows. Where rows refer to others that a different statement would delete, as in
-- every cycle, all go in one: PostgreSQL checks its foreign keys when that ends.
create or replace function unwind_internal.plan_deletion(workflow text, steps text [], tables regclass [])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_component int;
    v_node record;
begin
    if cardinality(tables) > 1 or unwind_internal.is_entangled(workflow, steps[1], tables[1]) then
        v_component := 1 + coalesce(max(p.component), 0)
        from unwind.plan_statements as p
        where p.workflow = plan_deletion.workflow;
    end if;
    for v_node in
        select n.step, n.target, p.phase
        from unnest(steps, tables) with ordinality as n (step, target, place)
        cross join unnest(array['before', 'rows', 'after']) with ordinality as p (phase, place)
        order by p.place, n.place
    loop
        case v_node.phase
            when 'before' then
                perform unwind_internal.plan_before_rows(workflow, v_node.step, v_node.target, tables);
            when 'rows' then
                perform unwind_internal.plan_rows(workflow, v_node.step, v_node.target, v_component);
            else
                -- One statement knows its rows by where they lie, and one that came since would be missed: look again,
                -- where the end of the undo does not.
                if v_component is not null and not unwind_internal.looks_again(workflow) then
                    perform unwind_internal.plan_over_ways(workflow, v_node.step, v_node.target, 'recheck');
                end if;
                -- Only once they are gone are rows of the same tables that still refer to them somebody else's.
                perform unwind_internal.plan_inbound(
                    workflow, v_node.step, v_node.target, 'restrict', 'refuse', tables, true
                );
        end case;
    end loop;
end
$$;

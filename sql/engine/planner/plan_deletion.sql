-- The statements for one table, or for those that are deleted together: first what must not be left dangling, what is
-- to be cleared and what is not ours, then the rows. Those of a component go in one statement, for PostgreSQL checks
-- its foreign keys when that ends.
create or replace function unwind_internal.plan_deletion(
    workflow text, steps text [], tables regclass [], in_component boolean
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_component int;
begin
    if in_component then
        v_component := 1 + coalesce(max(p.component), 0)
        from unwind.plan_statements as p
        where p.workflow = plan_deletion.workflow;
    end if;
    for n in 1..cardinality(tables) loop
        perform unwind_internal.plan_inbound(workflow, steps[n], tables[n], tables, false);
        perform unwind_internal.plan_guards(workflow, steps[n], tables[n]);
    end loop;
    for n in 1..cardinality(tables) loop
        perform unwind_internal.plan_rows(workflow, steps[n], tables[n], v_component);
    end loop;
    for n in 1..cardinality(tables) loop
        -- One statement knows its rows by where they lie, and one that came since would be missed: look again, where
        -- the end of the undo does not.
        if in_component and not unwind_internal.looks_again(workflow) then
            perform unwind_internal.plan_over_ways(
                unwind_internal.ways_to(workflow, steps[n], tables[n]), 'recheck'
            );
        end if;
        perform unwind_internal.plan_inbound(workflow, steps[n], tables[n], tables, true);
    end loop;
end
$$;

-- Plans the steps of one stage. Parents first: how each table is reached, and what has to be captured before rows
-- go. Then children first: what must not be left dangling, and what is deleted.
-- Errors: UW009.
create or replace function unwind_internal.plan_stage(workflow text, steps text [])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_components int [];
    v_steps text [];
    v_tables regclass [];
    v_part record;
begin
    perform unwind_internal.plan_roots(workflow, s.step) from unnest(steps) as s (step);
    select array_agg(d.component), array_agg(d.step), array_agg(d.target) into v_components, v_steps, v_tables
    from unwind_internal.deletion_order(workflow, steps) as d;
    for v_part in
        select d.step, array_agg(d.target order by d.place) as tables, max(c.size) as size
        from unnest(v_components, v_steps, v_tables) with ordinality as d (component, step, target, place)
        inner join (
            select n.component, count(*) as size from unnest(v_components) as n (component) group by n.component
        ) as c on d.component = c.component
        group by d.component, d.step
        order by d.component desc, d.step
    loop
        perform unwind_internal.plan_reach(workflow, v_part.step, v_part.tables, v_part.size > 1);
    end loop;
    for v_part in
        select array_agg(d.step order by d.place) as steps, array_agg(d.target order by d.place) as tables
        from unnest(v_components, v_steps, v_tables) with ordinality as d (component, step, target, place)
        group by d.component
        order by d.component
    loop
        perform unwind_internal.plan_deletion(workflow, v_part.steps, v_part.tables);
    end loop;
end
$$;

-- Plans the steps of one stage. Parents first: how each table is reached, and what has to be captured before rows
-- go. Then children first: what must not be left dangling, and what is deleted.
-- Errors: UW009.
create or replace function unwind_internal.plan_stage(workflow text, steps text [])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_places int [];
    v_steps text [];
    v_tables regclass [];
    v_in_component boolean [];
    v_part record;
begin
    perform unwind_internal.plan_roots(workflow, s.step) from unnest(steps) as s (step);
    select array_agg(d.place), array_agg(d.step), array_agg(d.target), array_agg(d.in_component)
    into v_places, v_steps, v_tables, v_in_component
    from unwind_internal.deletion_order(workflow, steps) as d;
    for v_part in
        select d.step, array_agg(d.target order by d.n) as tables, d.in_component
        from unnest(v_places, v_steps, v_tables, v_in_component)
            with ordinality as d (place, step, target, in_component, n)
        group by d.place, d.step, d.in_component
        order by d.place desc, d.step
    loop
        perform unwind_internal.plan_reach(workflow, v_part.step, v_part.tables, v_part.in_component);
    end loop;
    for v_part in
        select array_agg(d.step order by d.n) as steps, array_agg(d.target order by d.n) as tables, d.in_component
        from unnest(v_places, v_steps, v_tables, v_in_component)
            with ordinality as d (place, step, target, in_component, n)
        group by d.place, d.in_component
        order by d.place
    loop
        perform unwind_internal.plan_deletion(workflow, v_part.steps, v_part.tables, v_part.in_component);
    end loop;
end
$$;

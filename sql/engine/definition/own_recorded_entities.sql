-- A root added to a step with live runs: their recorded keys are owned in that table too.
-- Errors: UW004, UW009.
create or replace function unwind_internal.own_recorded_entities(workflow text, step text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_roots unwind.plan_statements [];
    v_run text;
    v_key text [];
begin
    for v_run, v_key in
        select s.run_id, s.entity_key
        from unwind.run_steps as s
        inner join unwind.workflow_runs as r on r.id = s.run_id
        where r.workflow = own_recorded_entities.workflow
            and s.step = own_recorded_entities.step
            and s.compensated_at is null and s.released_at is null
        order by s.run_id, s.entity_key
    loop
        if v_roots is null then
            perform unwind_internal.compile_in_time();
            v_roots := unwind_internal.recorded_roots(workflow, step);
        end if;
        perform unwind_internal.own_entity(v_run, v_roots, unwind_internal.common_key(v_roots, v_key));
    end loop;
end
$$;

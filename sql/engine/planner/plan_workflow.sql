-- Makes the plan of a workflow anew: stage by stage, that is last step first.
-- Errors: UW009 from the definitions.
create or replace function unwind_internal.plan_workflow(workflow text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
-- Of a thousand tables the same few questions are asked, and have to be planned once: for a plan that is long, though
-- they are planned while there is little of it.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set jit = off
as $$
declare
    v_stage int;
    v_steps text [];
    v_compensation text;
begin
    delete from unwind.plan_statements as p where p.workflow = plan_workflow.workflow;
    delete from unwind_internal.plan_ways as w where w.workflow = plan_workflow.workflow;
    delete from unwind_internal.planned_tables as t where t.workflow = plan_workflow.workflow;
    perform unwind_internal.next_number('statement', true), unwind_internal.next_number('way', true);
    perform unwind_internal.read_links(workflow);
    update unwind.workflows as w
    set looks_again = unwind_internal.runs_user_code(plan_workflow.workflow)
    where w.workflow = plan_workflow.workflow;
    for v_stage, v_steps in
        select s.stage, s.steps from unwind_internal.stages(workflow) as s order by s.stage
    loop
        select s.compensation into v_compensation
        from unwind.workflow_steps as s
        where s.workflow = plan_workflow.workflow and s.step = v_steps[1];
        if v_compensation is not null then
            perform unwind_internal.assert_custom_compensation(to_regprocedure(v_compensation));
            perform unwind_internal.add_statement(workflow, v_steps[1], 'call', compensation => v_compensation);
        else
            perform unwind_internal.plan_stage(workflow, v_steps);
        end if;
        update unwind.plan_statements as p
        set stage = v_stage
        where p.workflow = plan_workflow.workflow and p.step = any(v_steps);
    end loop;
    perform unwind_internal.plan_tables(workflow);
    perform unwind_internal.note_partitions(workflow);
    perform unwind_internal.note_owning_columns(workflow);
    delete from unwind_internal.plan_links as l where l.workflow = plan_workflow.workflow;
end
$$;

-- Makes the plan of a workflow anew: last step first, each step children first.
-- Errors: UW009 from the definitions.
create or replace function unwind_internal.plan_workflow(workflow text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_step unwind.workflow_steps;
begin
    delete from unwind.plan_statements as p where p.workflow = plan_workflow.workflow;
    delete from unwind_internal.plan_ways as w where w.workflow = plan_workflow.workflow;
    for v_step in
        select s.* from unwind.workflow_steps as s
        where s.workflow = plan_workflow.workflow
        order by s.position desc
    loop
        if v_step.compensation is not null then
            perform unwind_internal.assert_custom_compensation(to_regprocedure(v_step.compensation));
            perform unwind_internal.add_statement(workflow, v_step.step, 'call', sources => v_step.compensation);
        else
            perform unwind_internal.plan_step(workflow, v_step.step);
        end if;
    end loop;
end
$$;

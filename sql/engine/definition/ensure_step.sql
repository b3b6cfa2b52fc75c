-- The step, made at the end of the workflow where it is new; under lock_definitions.
-- Errors: UW008, UW009.
create or replace function unwind_internal.ensure_step(workflow text, step text)
returns unwind.workflow_steps
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_step unwind.workflow_steps;
begin
    perform unwind_internal.assert_workflow(workflow);
    if coalesce(step, '') = '' then
        raise 'a step of workflow % needs a name', quote_literal(workflow)
        using errcode = 'UW009',
            detail = 'The name given is empty or null.',
            hint = format('select unwind.define_step(%L, ''payment'', ''payments'', ''id'');', workflow);
    end if;
    select s.* into v_step
    from unwind.workflow_steps as s
    where s.workflow = ensure_step.workflow and s.step = ensure_step.step;
    if not found then
        insert into unwind.workflow_steps (workflow, step, position)
        select ensure_step.workflow, ensure_step.step, coalesce(max(s.position), 0) + 1
        from unwind.workflow_steps as s
        where s.workflow = ensure_step.workflow
        returning * into v_step;
    end if;
    return v_step;
end
$$;

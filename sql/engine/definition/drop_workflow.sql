-- Forgets a workflow and its generated functions. Ended runs and receipts stay.
-- Errors: UW008, UW009 (of another workflow of the same tables), UW010; 55006 while runs of it are live.
create or replace function unwind.drop_workflow(workflow text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_live bigint;
    v_root regclass;
    v_roots regclass [];
begin
    perform unwind_internal.lock_definitions();
    perform unwind_internal.assert_workflow(workflow);
    -- Waits for start_run (hold_workflow).
    perform pg_advisory_xact_lock(unwind_internal.workflow_lock(workflow));
    perform from unwind.workflows as w where w.workflow = drop_workflow.workflow for update;
    select count(*) into v_live
    from unwind.workflow_runs as r
    where r.workflow = drop_workflow.workflow and r.status not in ('COMPLETED', 'COMPENSATED');
    if v_live > 0 then
        raise 'workflow % has % live runs', quote_literal(workflow), v_live
        using errcode = 'object_in_use',
            detail = 'Without their workflow they could not be undone.',
            hint = format(
                'select unwind.compensate_runs(array_agg(id)) from unwind.workflow_runs '
                'where workflow = %L and status not in (''COMPLETED'', ''COMPENSATED'');', workflow
            );
    end if;
    v_roots := array(
        select distinct r.root_table from unwind.step_roots as r where r.workflow = drop_workflow.workflow
    );
    delete from unwind.workflows as w where w.workflow = drop_workflow.workflow;
    execute format('drop function if exists %s, %s, %s',
        unwind_internal.function_name(workflow, 'one'), unwind_internal.function_name(workflow, 'many'),
        unwind_internal.function_name(workflow, 'record'));
    perform unwind_internal.compile_dispatcher();
    foreach v_root in array v_roots loop
        perform unwind_internal.compile_workflows_of(array[v_root]);
    end loop;
end
$$;
comment on function unwind.drop_workflow(text) is
'Forgets a workflow and drops its generated function; refused (55006) while runs of it are live. '
'Errors: UW008, UW009, UW010, 55006.';

-- The workflow of a run, whose plan is that of the tables as they are.
-- Errors: UW001, UW008, UW009.
create or replace function unwind_internal.planned_workflow(run_id text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_workflow text;
begin
    select r.workflow into v_workflow from unwind.workflow_runs as r where r.id = planned_workflow.run_id;
    if not found then
        perform unwind_internal.raise_run_not_found(run_id);
    end if;
    perform unwind_internal.assert_workflow(v_workflow);
    perform unwind_internal.assert_workflow_as_planned(v_workflow);
    return v_workflow;
end
$$;

-- The workflow of a run, whose plan is that of the tables as they are.
-- Errors: UW001, UW008, UW009.
create or replace function unwind_internal.planned_workflow(run_id text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_workflow constant text := (unwind_internal.known_run(run_id)).workflow;
begin
    perform unwind_internal.assert_workflow(v_workflow);
    perform unwind_internal.assert_workflow_as_planned(v_workflow);
    return v_workflow;
end
$$;

-- Calls the generated function of a workflow that the dispatcher does not name.
-- The caller's search_path stays, for the user's triggers (see render_function).
-- Errors: UW008.
create or replace function unwind_internal.undo_by_name(
    workflow text, run_ids text [], only_steps text [], max_rows bigint
)
returns void
language plpgsql
as $$
declare
    v_function pg_catalog.text;
begin
    select w.compensation into v_function
    from unwind.workflows as w
    where w.workflow operator(pg_catalog.=) undo_by_name.workflow;
    if not found then
        perform unwind_internal.assert_workflow(workflow);
    end if;
    execute pg_catalog.format('select %s($1, $2, $3)', v_function) using run_ids, only_steps, max_rows;
end
$$;

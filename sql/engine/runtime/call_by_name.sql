-- Calls the generated function of a workflow that the dispatcher does not name.
-- The caller's search_path stays, for the user's triggers (see undo_workflow).
-- Errors: UW008.
create or replace function unwind_internal.call_by_name(
    workflow text, run_ids text [], only_steps text [], max_rows bigint, marking boolean
)
returns void
language plpgsql
as $$
begin
    perform unwind_internal.assert_workflow(workflow);
    execute pg_catalog.format('select %s($1, $2, $3, $4)', unwind_internal.function_name(workflow, 'many'))
    using run_ids, only_steps, max_rows, marking;
end
$$;

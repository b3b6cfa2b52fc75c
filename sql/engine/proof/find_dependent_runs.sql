-- The runs that have to be undone together with this one, as far as the caller may see them: those whose rows refer to
-- its rows, or would go with them, those that have since changed what it changed in captured tables, and those that
-- depend on these in their turn (dependent_runs).
-- Errors: UW001, UW008, UW009, UW011; 42501 where the caller may not read a captured table.
create or replace function unwind.find_dependent_runs(run_id text)
returns setof unwind.dependent_run
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform unwind_internal.compile_in_time();
    perform unwind_internal.planned_workflow(find_dependent_runs.run_id);
    return query
    select d.run_id, r.workflow, r.status, d.reason
    from unwind_internal.dependent_runs(array[find_dependent_runs.run_id])
        with ordinality as d (run_id, reason, place)
    left join unwind.workflow_runs as r on r.id = d.run_id
    order by d.place;
end
$$;
comment on function unwind.find_dependent_runs(text) is
'The runs that have to be undone together with this one, found transitively, and why; workflow and status are null for '
'runs that the caller does not see. Errors: UW001, UW008, UW009, UW011, 42501.';

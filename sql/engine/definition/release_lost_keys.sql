-- Says that the rows of recorded keys which no longer find one are gone: the keys are released, each in the audit
-- log, and the workflow is compiled. Those of RUNNING runs are not, for their rows may yet come.
-- Errors: UW008, UW009.
create or replace function unwind_internal.release_lost_keys(workflow text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform unwind_internal.lock_definitions();
    perform unwind_internal.assert_workflow(workflow);
    perform unwind_internal.assert_unambiguous(workflow);
    perform unwind_internal.follow_renames(workflow);
    perform unwind_internal.follow_types(workflow, true);
    perform unwind.compile_workflow(workflow);
end
$$;

-- A run: its status, error and claim. Whoever sees no runs but its own finds no other.
-- Errors: UW001.
create or replace function unwind.get_run(run_id text)
returns unwind.workflow_runs
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return unwind_internal.known_run(run_id);
end
$$;
comment on function unwind.get_run(text) is
'A run: its workflow, status, error and claim, as in unwind.workflow_runs. Errors: UW001.';

-- Errors: UW002, UW003.
create or replace function unwind_internal.assert_may_end(run unwind.workflow_runs, statuses text [])
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if run.status <> all(statuses) then
        perform unwind_internal.raise_run_not_running(run.id, run.status);
    end if;
    if run.claimed_by is not null and run.claimed_by <> coalesce(unwind_internal.speaker(), '') then
        perform unwind_internal.raise_claim_lost(run.id, run.claimed_by);
    end if;
end
$$;

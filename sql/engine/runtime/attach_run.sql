-- The latest attempt at a run, for the caller to take part in: claimed for the worker, where one is given. One that is
-- COMPLETED is given too, for then there is nothing to do.
-- Errors: UW002 (it was undone, or is to be), UW003 (another worker has claimed it), UW013 (it is a run of another
-- workflow); 42501 for a run of somebody else's.
create or replace function unwind_internal.attach_run(workflow text, run_id text, worker text, lease interval)
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_run unwind.workflow_runs := (select l.run from unwind_internal.latest_attempt(run_id) as l);
begin
    if v_run.workflow <> workflow then
        perform unwind_internal.raise_duplicate_run(v_run.id, format('a run of workflow %L', v_run.workflow));
    end if;
    if v_run.status = 'COMPLETED' then
        return v_run.id;
    end if;
    if v_run.status <> 'RUNNING' then
        perform unwind_internal.raise_run_not_running(v_run.id, v_run.status);
    end if;
    if worker is null and v_run.claimed_by <> coalesce(unwind_internal.speaker(), '')
        or worker is not null and not unwind.claim_run(v_run.id, worker, lease)
    then
        perform unwind_internal.raise_claim_lost(v_run.id, v_run.claimed_by, worker);
    end if;
    return v_run.id;
end
$$;

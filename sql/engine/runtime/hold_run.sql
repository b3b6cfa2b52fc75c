-- Holds the run's row FOR KEY SHARE until the transaction ends, so that no compensation can overtake what a step does;
-- gives the run's workflow. Only for a run in one of these states, and only for the worker that has claimed it.
-- Errors: UW001, UW002, UW003; 42501 for a run of somebody else's.
create or replace function unwind_internal.hold_run(run_id text, statuses text [])
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_status text;
    v_workflow text;
    v_claimed_by text;
begin
    if current_setting('unwind.is_uncompiled', true) <> '' then
        perform unwind_internal.compile_in_time();
    end if;
    select r.status, r.workflow, r.claimed_by into v_status, v_workflow, v_claimed_by
    from unwind.workflow_runs as r
    where r.id = hold_run.run_id and unwind_internal.may_act(r.started_by)
    for key share;
    if not found then
        perform unwind_internal.assert_may_act(run_id);
        perform unwind_internal.raise_run_not_found(run_id);
    end if;
    if v_status <> all(statuses) then
        perform unwind_internal.raise_run_not_running(run_id, v_status);
    end if;
    if v_claimed_by is not null and v_claimed_by is distinct from unwind_internal.speaker() then
        perform unwind_internal.raise_claim_lost(run_id, v_claimed_by);
    end if;
    return v_workflow;
end
$$;

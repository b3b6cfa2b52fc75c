-- Starts a run. A worker given means that it starts claimed.
-- Errors: UW008 (workflow), UW013 (that id exists), UW009 (empty id, lease not positive).
create or replace function unwind.start_run(
    workflow text,
    run_id text default null,
    business_key text default null,
    metadata jsonb default '{}',
    worker text default null,
    lease interval default '5 minutes'
)
returns text
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_id text := coalesce(run_id, gen_random_uuid()::text);
    v_now timestamptz := unwind_internal.clock();
begin
    perform unwind_internal.assert_run_arguments(v_id, worker, lease);
    -- Keeps drop_workflow waiting until this run can be seen.
    perform from unwind.workflows as w where w.workflow = start_run.workflow for key share;
    if not found then
        perform unwind_internal.assert_workflow(workflow);
    end if;
    insert into unwind.workflow_runs (
        id, workflow, business_key, metadata, claimed_by, claimed_at, lease_expires_at, started_by
    )
    values (
        v_id, start_run.workflow, start_run.business_key, coalesce(start_run.metadata, '{}'),
        start_run.worker,
        case when start_run.worker is not null then v_now end,
        case when start_run.worker is not null then v_now + start_run.lease end,
        unwind_internal.acting_role()
    )
    on conflict on constraint workflow_runs_pkey do nothing;
    if not found or exists (select from unwind_internal.receipts as c where c.run_id = start_run.run_id) then
        raise 'run % exists', quote_literal(v_id)
        using errcode = 'UW013',
            detail = 'Run ids are never used twice.',
            hint = 'Leave run_id out: select unwind.start_run(...) gives a new uuid.';
    end if;
    return v_id;
end
$$;
comment on function unwind.start_run(text, text, text, jsonb, text, interval) is
'Starts a run and returns its id (a uuid where none is given); with a worker it starts claimed. '
'Errors: UW008, UW009, UW013.';

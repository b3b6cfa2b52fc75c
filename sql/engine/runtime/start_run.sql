-- Starts a run. A worker given means that it starts claimed. Where the id is a run's already: error; attach gives its
-- latest attempt, for the caller to take part in; new starts the next attempt, once the latest has been undone.
-- Errors: UW002 (attach: it was undone, or is to be), UW003 (attach: another worker has it), UW008 (workflow), UW013
-- (that id exists), UW009 (empty id, lease not positive, no such if_exists); 42501 for a run of somebody else's.
create or replace function unwind.start_run(
    workflow text,
    run_id text default null,
    business_key text default null,
    metadata jsonb default '{}',
    worker text default null,
    lease interval default '5 minutes',
    if_exists text default 'error'
)
returns text
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
    v_id text := coalesce(run_id, gen_random_uuid()::text);
    v_now timestamptz := unwind_internal.clock();
begin
    perform unwind_internal.assert_run_arguments(v_id, worker, lease);
    if (if_exists = 'error') is not true then
        perform unwind_internal.assert_if_exists(if_exists);
    end if;
    perform unwind_internal.hold_workflow(workflow);
    loop
        insert into unwind.workflow_runs (
            id, workflow, business_key, metadata, claimed_by, claimed_at, lease_expires_at, started_by
        )
        select
            v_id, w.workflow, start_run.business_key, coalesce(start_run.metadata, '{}'),
            start_run.worker,
            case when start_run.worker is not null then v_now end,
            case when start_run.worker is not null then v_now + start_run.lease end,
            unwind_internal.acting_role()
        from unwind.workflows as w
        where w.workflow = start_run.workflow
        on conflict on constraint workflow_runs_pkey do nothing;
        exit when found;
        perform unwind_internal.assert_workflow(workflow);
        case if_exists
            when 'attach' then return unwind_internal.attach_run(workflow, run_id, worker, lease);
            when 'new' then v_id := unwind_internal.next_attempt(run_id);
            else perform unwind_internal.raise_duplicate_run(v_id);
        end case;
    end loop;
    -- One of a run that was purged is not used again.
    if run_id is not null and exists (select from unwind_internal.receipts as c where c.run_id = v_id) then
        perform unwind_internal.raise_duplicate_run(v_id);
    end if;
    return v_id;
end
$$;
comment on function unwind.start_run(text, text, text, jsonb, text, interval, text) is
'Starts a run and returns its id (a uuid where none is given); with a worker it starts claimed. Where the id exists: '
'if_exists => error, attach (to its latest attempt), new (the next attempt, <id>:2, once the latest was undone). '
'Errors: UW002, UW003, UW008, UW009, UW013, 42501.';

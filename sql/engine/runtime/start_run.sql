-- Starts a run. A worker given means that it starts claimed. Where the id is a run's already: error; attach gives its
-- latest attempt, for the caller to take part in; new starts the next attempt, once the latest has been undone.
-- On the way of each run, so without a search_path of its own, for setting it would cost a part of what it does.
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
set enable_seqscan = off
as $$
declare
    v_id pg_catalog.text := coalesce(run_id, pg_catalog.gen_random_uuid()::pg_catalog.text);
    v_now pg_catalog.timestamptz := unwind_internal.clock();
    v_held pg_catalog.bool := unwind_internal.hold_workflow(workflow);
begin
    -- What nearly all are; the long way says what is wrong, if anything is.
    if (
        if_exists operator(pg_catalog.=) 'error'
        and v_id operator(pg_catalog.<>) ''
        and worker operator(pg_catalog.<>) ''
        and lease operator(pg_catalog.>) '0'
        and lease operator(pg_catalog.<) '1000 years'
        and pg_catalog.current_setting('transaction_isolation') operator(pg_catalog.=) 'read committed'
    ) is not true then
        perform unwind_internal.assert_run_arguments(v_id, worker, lease);
        perform unwind_internal.assert_if_exists(if_exists);
        -- A snapshot that may be older than a drop does not see it: this is an error then.
        perform from unwind.workflows as w where w.workflow operator(pg_catalog.=) start_run.workflow for key share;
    end if;
    loop
        insert into unwind.workflow_runs (
            id, workflow, business_key, metadata, claimed_by, claimed_at, lease_expires_at, started_by
        )
        select
            v_id, w.workflow, start_run.business_key, coalesce(start_run.metadata, '{}'),
            start_run.worker,
            case when start_run.worker is not null then v_now end,
            case when start_run.worker is not null then v_now operator(pg_catalog.+) start_run.lease end,
            unwind_internal.acting_role()
        from unwind.workflows as w
        where w.workflow operator(pg_catalog.=) start_run.workflow
            -- One of a run that was purged is not used again.
            and not exists (
                select from unwind_internal.receipts as c where c.run_id operator(pg_catalog.=) v_id
            )
        on conflict on constraint workflow_runs_pkey do nothing;
        if found then
            return v_id;
        end if;
        perform unwind_internal.assert_workflow(workflow);
        if if_exists operator(pg_catalog.=) 'error'
            or not exists (select from unwind.workflow_runs as r where r.id operator(pg_catalog.=) v_id)
        then
            perform unwind_internal.raise_duplicate_run(v_id);
        elsif if_exists operator(pg_catalog.=) 'attach' then
            return unwind_internal.attach_run(workflow, run_id, worker, lease);
        end if;
        v_id := unwind_internal.next_attempt(run_id);
    end loop;
end
$$;
comment on function unwind.start_run(text, text, text, jsonb, text, interval, text) is
'Starts a run and returns its id (a uuid where none is given); with a worker it starts claimed. Where the id exists: '
'if_exists => error, attach (to its latest attempt), new (the next attempt, <id>:2, once the latest was undone). '
'Errors: UW002, UW003, UW008, UW009, UW013, 42501.';

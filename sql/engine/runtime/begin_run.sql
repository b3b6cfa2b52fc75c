-- Starts a run under an id that is no run's yet: start_run without a choice, and what the client calls, a procedure:
-- see open_step.
-- On the way of each run, so without a search_path of its own, for setting it would cost a part of what it does.
-- Errors: UW008 (workflow), UW013 (that id exists), UW009 (empty id, lease not positive).
create or replace procedure unwind_internal.begin_run(
    workflow text, run_id text, business_key text, metadata jsonb, worker text, lease interval
)
language plpgsql
security definer
set enable_seqscan = off
as $$
declare
    v_now pg_catalog.timestamptz := unwind_internal.clock();
    v_held pg_catalog.bool := unwind_internal.hold_workflow(workflow);
begin
    -- What nearly all are; the long way says what is wrong, if anything is.
    if (
        run_id operator(pg_catalog.<>) ''
        and worker operator(pg_catalog.<>) ''
        and lease operator(pg_catalog.>) '0'
        and lease operator(pg_catalog.<) '1000 years'
        and pg_catalog.current_setting('transaction_isolation') operator(pg_catalog.=) 'read committed'
    ) is not true then
        perform unwind_internal.assert_run_arguments(run_id, worker, lease);
        -- A snapshot that may be older than a drop does not see it: this is an error then.
        perform from unwind.workflows as w where w.workflow operator(pg_catalog.=) begin_run.workflow for key share;
    end if;
    insert into unwind.workflow_runs (
        id, workflow, business_key, metadata, claimed_by, claimed_at, lease_expires_at, started_by
    )
    select
        begin_run.run_id, w.workflow, begin_run.business_key, coalesce(begin_run.metadata, '{}'),
        begin_run.worker,
        case when begin_run.worker is not null then v_now end,
        case when begin_run.worker is not null then v_now operator(pg_catalog.+) begin_run.lease end,
        unwind_internal.acting_role()
    from unwind.workflows as w
    where w.workflow operator(pg_catalog.=) begin_run.workflow
        -- One of a run that was purged is not used again.
        and not exists (
            select from unwind_internal.receipts as c where c.run_id operator(pg_catalog.=) begin_run.run_id
        )
    on conflict on constraint workflow_runs_pkey do nothing;
    if not found then
        perform unwind_internal.assert_workflow(workflow);
        perform unwind_internal.raise_duplicate_run(run_id);
    end if;
end
$$;

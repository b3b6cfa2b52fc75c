-- Ends a run well: complete_run without images, and what the client calls, a procedure: see open_step. Waits for steps
-- in flight. Where it is not as it nearly always is, lock_run and assert_may_end say so.
-- On the way of each run, so without a search_path of its own, for setting it would cost a part of what it does.
-- Errors: UW001, UW002, UW003; 42501 for a run of somebody else's.
create or replace procedure unwind_internal.finish_run(run_id text)
language plpgsql
security definer
set enable_seqscan = off
as $$
begin
    -- By its id alone, whence "is true": see render_hold.
    perform from unwind.workflow_runs as r
    where r.id operator(pg_catalog.=) finish_run.run_id
        and (
            r.status operator(pg_catalog.=) 'RUNNING'
            and (
                r.claimed_by is null
                or r.claimed_by operator(pg_catalog.=) pg_catalog.current_setting('unwind.worker', true)
            )
        ) is true
        and unwind_internal.may_act(r.started_by)
    for update skip locked;
    if not found then
        perform unwind_internal.assert_may_end(unwind_internal.lock_run(run_id), '{RUNNING}');
    end if;
    update unwind.workflow_runs as r
    set status = 'COMPLETED', completed_at = pg_catalog.now(), updated_at = pg_catalog.now(),
        claimed_by = null, claimed_at = null, lease_expires_at = null
    where r.id operator(pg_catalog.=) finish_run.run_id;
end
$$;

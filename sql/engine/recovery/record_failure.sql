-- Keeps why a run could not be undone: FAILED, one more try, and a pause before the next or, after the last, none.
-- Not with a run that is somebody else's by now: undone, or under a live claim that is not the worker's.
-- SECURITY DEFINER, and looks by itself at who asks.
-- Errors: UW001; 42501 for a run of somebody else's.
create or replace function unwind_internal.record_failure(
    run_id text, error text, max_retries int, worker text
)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
    perform unwind_internal.assert_may_act(run_id);
    update unwind.workflow_runs as r
    set status = 'FAILED',
        last_error = unwind_internal.compensation_error(record_failure.error, r.last_error),
        retry_count = r.retry_count + 1,
        retry_at = case
            when r.retry_count + 1 >= record_failure.max_retries then 'infinity'
            else unwind_internal.clock() + unwind_internal.retry_pause(r.retry_count + 1)
        end,
        claimed_by = null, claimed_at = null, lease_expires_at = null,
        updated_at = now()
    where r.id = record_failure.run_id
        and r.status in ('FAILED', 'RUNNING', 'COMPENSATING')
        and (r.claimed_by is null or r.claimed_by = worker or r.lease_expires_at <= unwind_internal.clock());
end
$$;

-- An undo in batches that a person called has failed: the error is kept and the claim released, so that it can be
-- called again at once. The run stays COMPENSATING, for part of it is gone (unwind.stuck_runs).
-- SECURITY DEFINER, and looks by itself at who asks.
-- Errors: UW001; 42501 for a run of somebody else's.
create or replace function unwind_internal.stop_batches(run_id text, worker text, failure jsonb)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
    perform unwind_internal.assert_may_act(run_id);
    update unwind.workflow_runs as r
    set last_error = unwind_internal.compensation_error(unwind_internal.failure_text(failure), r.last_error),
        claimed_by = null, claimed_at = null, lease_expires_at = null, updated_at = now()
    where r.id = stop_batches.run_id and r.status = 'COMPENSATING' and r.claimed_by = stop_batches.worker;
end
$$;

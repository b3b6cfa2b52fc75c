-- An undo in batches that a person called has failed: the error is kept and the claim released, so that it can be
-- called again at once. The run stays COMPENSATING, for part of it is gone (unwind.stuck_runs).
create or replace function unwind_internal.stop_batches(run_id text, worker text, failure jsonb)
returns void
language sql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
    update unwind.workflow_runs as r
    set last_error = unwind_internal.compensation_error(unwind_internal.failure_text(failure), r.last_error),
        claimed_by = null, claimed_at = null, lease_expires_at = null, updated_at = now()
    where r.id = stop_batches.run_id and r.status = 'COMPENSATING' and r.claimed_by = stop_batches.worker
$$;

-- Gives the run to a worker: an unclaimed one, one whose lease has expired, or the worker's own; also one that FAILED
-- or is COMPENSATING, for whoever undoes it. False while another worker's claim is live. One statement decides
-- between two who ask at once. Steps in flight do not keep it waiting.
-- Errors: UW001, UW002 (it has ended), UW009 (no worker, lease not positive).
create or replace function unwind.claim_run(run_id text, worker text, lease interval default '5 minutes')
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
    v_now timestamptz := unwind_internal.clock();
    v_status text;
begin
    perform unwind_internal.assert_run_arguments(run_id, coalesce(worker, ''), lease);
    perform unwind_internal.assert_may_act(run_id);
    update unwind.workflow_runs as r
    set claimed_by = worker, claimed_at = v_now, lease_expires_at = v_now + lease, updated_at = now()
    where r.id = claim_run.run_id
        and r.status in ('RUNNING', 'FAILED', 'COMPENSATING')
        and (r.claimed_by is null or r.claimed_by = worker or r.lease_expires_at <= v_now);
    if found then
        return true;
    end if;
    v_status := (unwind_internal.known_run(run_id)).status;
    if v_status in ('COMPLETED', 'COMPENSATED') then
        perform unwind_internal.raise_run_not_running(run_id, v_status);
    end if;
    return false;
end
$$;
comment on function unwind.claim_run(text, text, interval) is
'Claims a live run for a worker until the lease expires; false while another worker''s claim is live. '
'Errors: UW001, UW002, UW009, 42501.';

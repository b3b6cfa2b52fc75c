-- Makes the worker's claim last for a new lease from now on, also one that has expired if nobody took the run since.
-- False where it is lost: another worker has it, or it has ended.
-- Errors: UW001, UW009 (no worker, lease not positive).
create or replace function unwind.renew_claim(run_id text, worker text, lease interval default '5 minutes')
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
    perform unwind_internal.assert_run_arguments(run_id, coalesce(worker, ''), lease);
    perform unwind_internal.assert_may_act(run_id);
    update unwind.workflow_runs as r
    set lease_expires_at = unwind_internal.clock() + lease, updated_at = now()
    where r.id = renew_claim.run_id and r.claimed_by = worker;
    if found then
        return true;
    end if;
    perform unwind_internal.known_run(run_id);
    return false;
end
$$;
comment on function unwind.renew_claim(text, text, interval) is
'Renews the worker''s claim of a run; false where it is lost. Errors: UW001, UW009, 42501.';

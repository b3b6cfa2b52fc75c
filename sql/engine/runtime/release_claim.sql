-- Gives the run back: anybody may work on it, and no sweeper will undo it while it is RUNNING. Nothing happens where it
-- is not claimed any more.
-- Errors: UW001, UW003 (another worker has it), UW009 (no worker).
create or replace function unwind.release_claim(run_id text, worker text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
    v_owner text;
begin
    perform unwind_internal.assert_run_arguments(run_id, coalesce(worker, ''), '1 second');
    perform unwind_internal.assert_may_act(run_id);
    update unwind.workflow_runs as r
    set claimed_by = null, claimed_at = null, lease_expires_at = null, updated_at = now()
    where r.id = release_claim.run_id and r.claimed_by = worker;
    if found then
        return;
    end if;
    perform unwind_internal.known_run(run_id);
    select r.claimed_by into v_owner from unwind.workflow_runs as r where r.id = release_claim.run_id;
    if v_owner is not null then
        perform unwind_internal.raise_claim_lost(run_id, v_owner);
    end if;
end
$$;
comment on function unwind.release_claim(text, text) is
'Gives up the worker''s claim of a run. Errors: UW001, UW003, UW009, 42501.';

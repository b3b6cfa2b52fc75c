-- Renews the claim of an undo in batches, and holds the run's row until the transaction ends: nobody takes it in
-- mid-batch; the worker is the one speaking. Asked again in each transaction, for between two of them anything may have
-- happened. Locked before it is written, for receipts lock it FOR UPDATE: whoever writes a row and then locks it so
-- deadlocks with a step that came in between, which locks what was written and then waits for the writer all the same.
-- Errors: UW001, UW003, UW010, 42501.
create or replace function unwind_internal.keep_claim(run_id text, worker text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
    v_owner text;
begin
    perform unwind_internal.assert_session();
    perform unwind_internal.assert_may_act(run_id);
    perform unwind.act_as(worker);
    perform from unwind.workflow_runs as r
    where r.id = keep_claim.run_id and r.status = 'COMPENSATING' and r.claimed_by = keep_claim.worker
    for update;
    if not found then
        select coalesce(r.claimed_by, 'nobody') into v_owner
        from unwind.workflow_runs as r
        where r.id = keep_claim.run_id;
        perform unwind_internal.raise_claim_lost(run_id, v_owner);
    end if;
    update unwind.workflow_runs as r
    set lease_expires_at = unwind_internal.clock() + interval '5 minutes', updated_at = now()
    where r.id = keep_claim.run_id;
end
$$;

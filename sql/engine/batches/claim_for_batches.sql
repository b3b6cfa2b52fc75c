-- Makes a run COMPENSATING, claimed by the worker who will undo it in batches; begin_batches calls it after all checks.
-- SECURITY DEFINER, and looks by itself at who asks: see open_books.
-- Errors: 42501; UW002 where the run is COMPENSATED.
create or replace function unwind_internal.claim_for_batches(run_id text, worker text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
    perform unwind_internal.open_books(array[run_id]);
    update unwind.workflow_runs as r
    set status = 'COMPENSATING', updated_at = now(), claimed_by = worker, claimed_at = unwind_internal.clock(),
        lease_expires_at = unwind_internal.clock() + interval '5 minutes', has_receipts = true
    where r.id = claim_for_batches.run_id;
end
$$;

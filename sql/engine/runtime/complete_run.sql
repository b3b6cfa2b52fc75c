-- Ends a run well. Waits for steps in flight.
-- Errors: UW001, UW002, UW003.
create or replace function unwind.complete_run(run_id text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_run unwind.workflow_runs := unwind_internal.lock_run(run_id);
begin
    perform unwind_internal.assert_may_end(v_run, array['RUNNING']);
    update unwind.workflow_runs as r
    set status = 'COMPLETED', completed_at = now(), updated_at = now(),
        claimed_by = null, claimed_at = null, lease_expires_at = null
    where r.id = complete_run.run_id;
end
$$;
comment on function unwind.complete_run(text) is 'Ends a run well: COMPLETED. Errors: UW001, UW002, UW003, 42501.';

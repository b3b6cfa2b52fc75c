-- Marks a run as failed, to be undone. On a FAILED run it records the newer error: that of a compensation,
-- which could not record its own; and sweeps take it up again, where it was held (restore_run).
-- Errors: UW001, UW002, UW003.
create or replace function unwind.fail_run(run_id text, error text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_run unwind.workflow_runs := unwind_internal.lock_run(run_id);
begin
    perform unwind_internal.assert_may_end(v_run, array['RUNNING', 'FAILED']);
    update unwind.workflow_runs as r
    set status = 'FAILED', last_error = fail_run.error, updated_at = now(), held_at = null
    where r.id = fail_run.run_id;
end
$$;
comment on function unwind.fail_run(text, text) is
'Marks a run FAILED with its error; its rows stay until it is compensated. Errors: UW001, UW002, UW003, 42501.';

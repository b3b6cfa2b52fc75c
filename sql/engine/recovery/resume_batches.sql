-- Takes up an undo in batches that was abandoned: the workflow of the run, which is then claimed by the worker, and the
-- rows that are expected (begin_batches); null where it is not due any more or somebody else is at it, or where it
-- cannot begin: failure.
create or replace function unwind_internal.resume_batches(
    run_id text, max_retries int, worker text,
    out workflow text, out rows_expected bigint [], out failure jsonb
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_message text;
    v_detail text;
begin
    if unwind_internal.lock_due_runs(array[run_id], max_retries) = '{}' then
        return;
    end if;
    rows_expected := unwind_internal.begin_batches(run_id, false, worker);
    select r.workflow into resume_batches.workflow from unwind.workflow_runs as r where r.id = run_id;
exception
    when assert_failure or query_canceled or others then -- others alone leaves out the first two
        if unwind_internal.at_fault(sqlstate) = 'server' then
            raise;
        end if;
        get stacked diagnostics v_message = message_text, v_detail = pg_exception_detail;
        failure := jsonb_build_object('sqlstate', sqlstate, 'message', v_message, 'detail', v_detail);
end
$$;

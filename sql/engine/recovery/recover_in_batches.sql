-- Goes on with an undo in batches that was abandoned; counts it as recovered or failed, or neither where somebody
-- else is at it, even if they took it over (UW003) while this session was slow. What ails the server ends the sweep and
-- leaves the claim as it is: the run is due again when its lease ends, and the server had a pause.
-- Errors: UW010, 55000; what ails the server rather than the run goes on (at_fault).
-- A procedure that commits cannot pin search_path.
create or replace procedure unwind_internal.recover_in_batches(
    run_id text, max_retries int, inout recovered int, inout failed int
)
language plpgsql
as $$
declare
    v_worker constant pg_catalog.text := pg_catalog.format('batches of backend %s', pg_catalog.pg_backend_pid());
    v_run pg_catalog.record;
begin
    perform unwind_internal.assert_session();
    select r.* into v_run from unwind_internal.resume_batches(run_id, max_retries, v_worker) as r;
    commit and chain;
    if v_run.workflow is not null then
        call unwind_internal.run_batches(run_id, v_run.workflow, 10000, v_worker, v_run.rows_expected, v_run.failure);
        recovered := recovered operator(pg_catalog.+) (v_run.failure is null)::int;
    end if;
    if unwind_internal.at_fault(v_run.failure operator(pg_catalog.->>) 'sqlstate') operator(pg_catalog.=) 'server' then
        perform unwind_internal.raise_failure(v_run.failure);
    end if;
    if v_run.failure operator(pg_catalog.->>) 'sqlstate' operator(pg_catalog.<>) 'UW003' then
        failed := failed operator(pg_catalog.+) 1;
        perform unwind_internal.note_failure(run_id, v_run.failure, max_retries, v_worker);
        commit and chain;
    end if;
end
$$;

-- Undoes what nobody undid: FAILED runs, and claimed ones whose lease has expired, oldest first. Any number of
-- sweepers may run at once; fit for pg_cron. Chunks of runs are undone together, each in its own transaction; a
-- chunk that fails is tried again in halves, so that one run which cannot be undone costs only itself. What was
-- blocked by rows in its way is tried once more at the end, together, for those may have been each other's. A run that
-- fails gets last_error, one more retry_count and a growing pause; after max_retries it is left to a person
-- (unwind.stuck_runs). Undos in batches that were abandoned go on in batches. Runs whose rows somebody holds are passed
-- by, and at the end it says who holds them. For other locks it waits five seconds, or for the session's lock_timeout;
-- the run is left to the next sweep then. A statement_timeout counts for the whole call, and ends it: what is committed
-- stays.
-- A procedure that commits can neither pin search_path nor run inside a transaction (2D000).
-- Errors: UW008, UW009.
create or replace procedure unwind.recover_runs(
    workflow text default null,
    max_runs int default 1000,
    max_retries int default 5,
    inout recovered int default 0,
    inout failed int default 0
)
language plpgsql
as $$
declare
    v_largest constant int := 500;
    v_size int := v_largest;
    v_found pg_catalog.text [];
    v_todo pg_catalog.text [];
    v_batched pg_catalog.text [];
    v_blocked pg_catalog.text [] := '{}';
    v_run pg_catalog.text;
    v_outcome pg_catalog.record;
begin
    commit; -- refused at once inside a transaction, before anything is done
    set transaction isolation level read committed; -- and so in all that follow, for each is chained to the one before
    perform unwind_internal.assert_recoverable(workflow, max_runs, max_retries);
    recovered := 0;
    failed := 0;
    v_found := unwind_internal.find_due_runs(workflow, max_runs, max_retries);
    v_batched := unwind_internal.begun_in_batches(v_found);
    v_todo := array(
        select t.id from pg_catalog.unnest(v_found) with ordinality as t (id, place)
        where t.id operator(pg_catalog.<>) all(v_batched)
        order by t.place
    );
    while pg_catalog.cardinality(v_todo) operator(pg_catalog.>) 0 loop
        select c.* into v_outcome from unwind_internal.recover_chunk(v_todo[:v_size], max_retries) as c;
        commit and chain;
        if v_outcome.split then
            v_size := least(v_size, pg_catalog.cardinality(v_todo)) operator(pg_catalog./) 2;
            continue;
        end if;
        recovered := recovered operator(pg_catalog.+) v_outcome.recovered;
        failed := failed operator(pg_catalog.+) v_outcome.failed;
        v_blocked := pg_catalog.array_append(v_blocked, v_outcome.blocked);
        v_todo := v_todo[v_size operator(pg_catalog.+) 1:];
        v_size := least(v_size operator(pg_catalog.*) 2, v_largest);
    end loop;
    -- After these, for they may take long.
    foreach v_run in array v_batched loop
        call unwind_internal.recover_in_batches(v_run, max_retries, recovered, failed);
    end loop;
    v_blocked := pg_catalog.array_remove(v_blocked, null);
    select c.* into v_outcome from unwind_internal.recover_together(v_blocked, max_retries) as c;
    commit and chain;
    recovered := recovered operator(pg_catalog.+) v_outcome.recovered;
    failed := failed operator(pg_catalog.+) v_outcome.failed;
    perform unwind_internal.tell_of_passed_by(v_found, max_retries);
end
$$;
comment on procedure unwind.recover_runs (text, int, int, int, int) is
'Undoes failed and abandoned runs in transactions of its own, skipping what others are at work on; gives how many '
'were recovered and how many failed. Not inside a transaction. Errors: UW008, UW009, 2D000.';

-- Undoes those of the runs that are due, which failed alone for rows that are in the way: perhaps those of another
-- one among them. All in this transaction, step by step; those that cannot be undone even so have their errors
-- recorded, and the others go without them.
-- The caller's search_path stays, for the user's triggers (see undo_workflow).
-- Errors: UW010; what ails the server rather than the run goes on: disk full, too many connections, cancel.
create or replace function unwind_internal.recover_together(
    run_ids text [], max_retries int, out recovered int, out failed int
)
language plpgsql
as $$
declare
    v_left pg_catalog.text [];
    v_failures pg_catalog.jsonb;
    v_message pg_catalog.text;
    v_detail pg_catalog.text;
begin
    perform unwind_internal.assert_read_committed();
    perform unwind_internal.bound_waiting();
    v_left := unwind_internal.lock_due_runs(run_ids, max_retries);
    recovered := 0;
    failed := 0;
    while pg_catalog.cardinality(v_left) operator(pg_catalog.>) 0 loop
        begin
            v_failures := unwind_internal.undo_by_ledger(v_left, true);
            if v_failures operator(pg_catalog.=) '{}' then
                set constraints all immediate;
                recovered := pg_catalog.cardinality(v_left);
                return;
            end if;
            raise sqlstate 'UW999'; -- takes back what did go
        exception
            when sqlstate 'UW999' then
                null;
            when insufficient_resources or operator_intervention or system_error or query_canceled then
                raise;
            when assert_failure or others then -- others alone leaves out a failed assert
                -- What was deferred to the commit says nothing of whose it was.
                get stacked diagnostics v_message = message_text, v_detail = pg_exception_detail;
                select pg_catalog.jsonb_object_agg(l.id, pg_catalog.jsonb_build_object(
                    'sqlstate', sqlstate, 'message', v_message, 'detail', v_detail
                )) into v_failures
                from pg_catalog.unnest(v_left) as l (id);
        end;
        perform unwind_internal.note_failure(f.key, f.value, max_retries)
        from pg_catalog.jsonb_each(v_failures) as f (key, value);
        failed := failed operator(pg_catalog.+) (select pg_catalog.count(*) from pg_catalog.jsonb_each(v_failures) as f);
        v_left := array(
            select l.id from pg_catalog.unnest(v_left) as l (id) where not pg_catalog.jsonb_exists(v_failures, l.id)
        );
    end loop;
end
$$;

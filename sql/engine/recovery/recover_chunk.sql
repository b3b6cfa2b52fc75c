-- Undoes those of the runs that are due, all in this transaction. One that fails alone has its error recorded, or is
-- blocked: for rows that are in the way, which may yet go. Of several that fail together nothing is changed, and the
-- caller tries fewer (split). What is deferred to the commit is checked here, where it can still be held against the
-- run it belongs to.
-- The caller's search_path stays, for the user's triggers (see undo_workflow).
-- Errors: UW010; what ails the server rather than the run goes on (at_fault).
create or replace function unwind_internal.recover_chunk(
    run_ids text [], max_retries int, out recovered int, out failed int, out split boolean, out blocked text
)
language plpgsql
as $$
declare
    v_due pg_catalog.text [];
    v_numbers bigint [];
    v_logs pg_catalog.text [];
    v_captured boolean;
    v_message pg_catalog.text;
    v_detail pg_catalog.text;
begin
    perform unwind_internal.assert_session();
    perform unwind_internal.bound_waiting();
    v_due := unwind_internal.lock_due_runs(run_ids, max_retries);
    recovered := 0;
    failed := 0;
    split := false;
    if v_due operator(pg_catalog.=) '{}' then
        return;
    end if;
    v_numbers := array(
        select r.number from unwind.workflow_runs as r where r.id operator(pg_catalog.=) any(v_due)
    );
    v_logs := unwind_compiled.logs_of(v_numbers);
    v_captured := v_logs operator(pg_catalog.<>) '{}';
    begin
        if v_captured then
            perform unwind_internal.undo_with_images(v_due, v_numbers, v_logs, false);
        else
            perform unwind_internal.undo_by_workflow(v_due);
        end if;
        set constraints all immediate;
        recovered := pg_catalog.cardinality(v_due);
    exception
        when assert_failure or query_canceled or others then -- others alone leaves out the first two
            if unwind_internal.at_fault(sqlstate) operator(pg_catalog.=) 'server' then
                raise;
            end if;
            get stacked diagnostics v_message = message_text, v_detail = pg_exception_detail;
            split := pg_catalog.cardinality(v_due) operator(pg_catalog.>) 1;
            if split then
                return;
            elsif sqlstate operator(pg_catalog.=) 'UW007' and not v_captured then
                blocked := v_due[1];
            else
                failed := 1;
                perform unwind_internal.note_failure(
                    v_due[1],
                    pg_catalog.jsonb_build_object('sqlstate', sqlstate, 'message', v_message, 'detail', v_detail),
                    max_retries
                );
            end if;
    end;
end
$$;

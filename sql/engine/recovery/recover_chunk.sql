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
    v_captured pg_catalog.text [];
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
    begin
        v_captured := unwind_internal.captured_runs(v_due);
        perform unwind_internal.undo_by_workflow(array(
            select d.id from pg_catalog.unnest(v_due) as d (id) where d.id operator(pg_catalog.<>) all(v_captured)
        ));
        perform unwind_internal.undo_apart(v_captured);
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
            elsif sqlstate operator(pg_catalog.=) 'UW007' and v_captured operator(pg_catalog.=) '{}' then
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

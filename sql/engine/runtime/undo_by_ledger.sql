-- Undoes runs, whose rows are locked, that depend on each other: step by step over all of them, in the reverse order of
-- the ledger. A step that rows still stand in the way of (UW007; with every_error whatever keeps it) is tried again
-- after the others, run by run, for as long as any goes. Then the runs are marked undone; or, where some steps never
-- went, failures says why, a run each, and the caller has to take back what did go.
-- The caller's search_path stays, for the user's triggers (see undo_workflow).
-- Errors: UW008; without every_error all but UW007; what ails the server rather than the run.
create or replace function unwind_internal.undo_by_ledger(run_ids text [], every_error boolean, out failures jsonb)
language plpgsql
as $$
declare
    v_alone boolean := false;
    v_progress boolean;
    v_workflow pg_catalog.text;
    v_step pg_catalog.text;
    v_runs pg_catalog.text [];
    v_message pg_catalog.text;
    v_detail pg_catalog.text;
    v_hint pg_catalog.text;
begin
    loop
        failures := '{}';
        v_progress := not v_alone;
        for v_workflow, v_step, v_runs in select o.* from unwind_internal.undo_order(run_ids, v_alone) as o loop
            begin
                perform unwind_internal.undo_workflow(v_workflow, v_runs, array[v_step]);
                v_progress := true;
            exception
                when assert_failure or query_canceled or others then -- others alone leaves out the first two
                    if unwind_internal.at_fault(sqlstate) operator(pg_catalog.=) 'server' then
                        raise;
                    end if;
                    if not every_error and sqlstate operator(pg_catalog.<>) 'UW007' then
                        raise;
                    end if;
                    get stacked diagnostics
                        v_message = message_text, v_detail = pg_exception_detail, v_hint = pg_exception_hint;
                    failures := pg_catalog.jsonb_build_object(v_runs[1], pg_catalog.jsonb_build_object(
                        'sqlstate', sqlstate, 'message', v_message, 'detail', v_detail, 'hint', v_hint
                    )) operator(pg_catalog.||) failures;
            end;
        end loop;
        exit when failures operator(pg_catalog.=) '{}' or not v_progress;
        v_alone := true;
    end loop;
    if failures operator(pg_catalog.=) '{}' then
        perform unwind_internal.mark_undone(run_ids);
    end if;
end
$$;

-- Undoes those of the runs that are due, all in this transaction. One that fails alone has its error recorded; of
-- several that fail together nothing is changed, and the caller tries fewer (split).
-- The caller's search_path stays, for the user's triggers (see render_function).
-- Errors: UW010; what ails the server rather than the run goes on: disk full, too many connections, cancel.
create or replace function unwind_internal.recover_chunk(
    run_ids text [], max_retries int, out recovered int, out failed int, out split boolean
)
language plpgsql
as $$
declare
    v_due text [];
    v_message text;
    v_detail text;
begin
    perform unwind_internal.assert_read_committed();
    v_due := unwind_internal.lock_due_runs(run_ids, max_retries);
    recovered := 0;
    failed := 0;
    split := false;
    if v_due = '{}' then
        return;
    end if;
    begin
        perform unwind_internal.undo_runs(v_due);
        recovered := cardinality(v_due);
    exception
        when insufficient_resources or operator_intervention or system_error or query_canceled then
            raise;
        when others then
            get stacked diagnostics v_message = message_text, v_detail = pg_exception_detail;
            split := cardinality(v_due) > 1;
            if not split then
                -- Somebody was in the way, which says nothing of the run: the next sweep tries again.
                failed := 1;
                if sqlstate not in ('40001', '40P01', '55P03') then
                    perform unwind_internal.record_failure(
                        v_due[1], concat_ws(E'\n', format('[%s] %s', sqlstate, v_message), nullif(v_detail, '')), max_retries
                    );
                end if;
                raise notice 'run % could not be undone: [%] %', quote_literal(v_due[1]), sqlstate, v_message
                using detail = coalesce(nullif(v_detail, ''), v_message),
                    hint = format('select * from unwind.compensate_run(%L);', v_due[1]);
            end if;
    end;
end
$$;

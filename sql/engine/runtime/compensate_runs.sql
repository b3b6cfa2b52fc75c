-- Undoes many runs in one transaction, set-based: a statement per table, not per run; receipts per run.
-- Runs are locked in the order of their ids. All together they take max_rows rows at most, or none.
-- The caller's search_path stays, for the user's triggers, and JIT is off (see undo_workflow).
-- Errors: 42501 for a run of somebody else's, UW001, UW005, UW006, UW007, UW008, UW009, UW010, UW011, UW014, UW018,
-- UW019, UW020.
create or replace function unwind.compensate_runs(
    run_ids text [], force boolean default false, on_conflict text default 'refuse', max_rows bigint default null
)
returns table (
    run_id text, rows_deleted bigint, rows_reverted bigint, rows_reinserted bigint, rows_skipped bigint
)
language plpgsql
set enable_seqscan = off
set jit = off
as $$
declare
    v_run unwind.workflow_runs;
    v_numbers bigint [] := '{}';
    v_logs pg_catalog.text [];
begin
    perform unwind_internal.assert_session();
    perform unwind_internal.assert_limit(max_rows);
    if on_conflict operator(pg_catalog.=) 'refuse' is not true then
        perform unwind_internal.assert_choice(on_conflict);
    end if;
    run_ids := unwind_internal.plain_array(run_ids);
    for v_run in select r.* from unwind_internal.lock_runs(run_ids) as r
    loop
        if v_run.status operator(pg_catalog.<>) 'COMPENSATED' then
            if v_run.claimed_by is not null
                or v_run.status operator(pg_catalog.=) 'COMPLETED'
                or v_run.images_dropped_at is not null
            then
                perform unwind_internal.assert_undoable_whole(v_run, force);
            end if;
            v_numbers := pg_catalog.array_append(v_numbers, v_run.number);
        end if;
    end loop;
    v_logs := unwind_compiled.logs_of(v_numbers);
    if v_logs operator(pg_catalog.<>) '{}'
        or pg_catalog.current_setting('unwind.run', true) operator(pg_catalog.<>) ''
        or v_logs is not null and unwind_internal.reaches_captured(v_numbers)
    then
        perform unwind_internal.undo_with_images(
            run_ids, v_numbers, coalesce(v_logs, '{}'), on_conflict, max_rows
        );
    else
        perform unwind_internal.undo_runs(run_ids, max_rows);
    end if;
    return query select d.* from unwind_internal.rows_deleted_of(run_ids) as d;
end
$$;
comment on function unwind.compensate_runs(text [], boolean, text, bigint) is
'Undoes many runs in one transaction, all or none; rows per run, receipts in unwind.compensations. on_conflict: '
'refuse, skip or merge captured rows that somebody else has changed since. '
'max_rows: more than that is UW019, and nothing is gone. '
'Errors: UW001, UW005, UW006, UW007, UW008, UW009, UW010, UW011, UW014, UW018, UW019, UW020, 42501.';

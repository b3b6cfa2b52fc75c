-- Undoes many runs in one transaction, set-based: a statement per table, not per run; receipts per run.
-- Runs are locked in the order of their ids. All together they take max_rows rows at most, or none.
-- The caller's search_path stays, for the user's triggers, and JIT is off (see undo_workflow).
-- Errors: 42501 for a run of somebody else's, UW001, UW005, UW006, UW007, UW008, UW009, UW010, UW019, UW020.
create or replace function unwind.compensate_runs(
    run_ids text [], force boolean default false, max_rows bigint default null
)
returns table (run_id text, rows_deleted bigint)
language plpgsql
set enable_seqscan = off
set jit = off
as $$
declare
    v_run unwind.workflow_runs;
begin
    perform unwind_internal.assert_session();
    if max_rows is not null then
        perform unwind_internal.assert_limit(max_rows);
    end if;
    run_ids := unwind_internal.plain_array(run_ids);
    for v_run in select r.* from unwind_internal.lock_runs(run_ids) as r
    loop
        if v_run.status operator(pg_catalog.<>) 'COMPENSATED' then
            perform unwind_internal.assert_undoable(v_run, force);
        end if;
    end loop;
    perform unwind_internal.undo_runs(run_ids, max_rows);
    return query select d.run_id, d.rows_deleted from unwind_internal.rows_deleted_of(run_ids) as d;
end
$$;
comment on function unwind.compensate_runs(text [], boolean, bigint) is
'Undoes many runs in one transaction, all or none; rows deleted per run, receipts in unwind.compensations. '
'max_rows: more than that is UW019, and nothing is gone. '
'Errors: UW001, UW005, UW006, UW007, UW008, UW009, UW010, UW019, UW020, 42501.';

-- Undoes a run: deletes every row it left behind, children first, and writes the receipts; all or nothing.
-- Again on a COMPENSATED run it returns the same receipts and deletes nothing.
-- The caller's search_path stays, for the user's triggers (see render_function).
-- Errors: UW001, UW005, UW006, UW007, UW008, UW010.
create or replace function unwind.compensate_run(run_id text, force boolean default false)
returns table (ordinal int, step text, table_name text, rows_deleted bigint)
language plpgsql
set enable_seqscan = off
as $$
declare
    v_run unwind.workflow_runs;
begin
    perform unwind_internal.assert_read_committed();
    v_run := unwind_internal.lock_run(run_id);
    if v_run.status <> 'COMPENSATED' then
        perform unwind_internal.assert_undoable(v_run, force);
        perform unwind_internal.undo(v_run.workflow, array[run_id]);
        perform unwind_internal.mark_compensated(array[run_id]);
    end if;
    return query
    select c.ordinal, c.step, c.table_name, c.rows_deleted
    from unwind.compensations as c
    where c.run_id = compensate_run.run_id
    order by c.ordinal;
end
$$;
comment on function unwind.compensate_run(text, boolean) is
'Undoes a run in one transaction and returns its receipts: rows deleted per step and table. force: also a '
'COMPLETED run, or one under another worker''s claim. Errors: UW001, UW005, UW006, UW007, UW008, UW010.';

-- Undoes a run: deletes every row it left behind, children first, and writes the receipts; all or nothing.
-- Again on a COMPENSATED run it returns the same receipts and deletes nothing. It takes max_rows rows at most, or none.
-- The caller's search_path stays, for the user's triggers (see undo_workflow).
-- Errors: 42501 for a run of somebody else's, UW001, UW005, UW006, UW007, UW008, UW009, UW010, UW019.
create or replace function unwind.compensate_run(
    run_id text, force boolean default false, max_rows bigint default null
)
returns table (ordinal int, step text, table_name text, rows_deleted bigint)
language plpgsql
set enable_seqscan = off
as $$
declare
    v_run unwind.workflow_runs;
    v_receipts unwind_internal.receipts [];
    v_receipt unwind_internal.receipts;
begin
    perform unwind_internal.assert_read_committed();
    if max_rows is not null then
        perform unwind_internal.assert_limit(max_rows);
    end if;
    v_run := unwind_internal.lock_run(run_id);
    if v_run.status operator(pg_catalog.<>) 'COMPENSATED' then
        perform unwind_internal.assert_undoable(v_run, force);
        v_receipts := unwind_internal.undo_workflow(v_run.workflow, array[run_id], null, max_rows);
    end if;
    if v_receipts is null then
        v_receipts := array(
            select row(c.*)::unwind_internal.receipts
            from unwind_internal.visible_receipts as c
            where c.run_id operator(pg_catalog.=) compensate_run.run_id
            order by c.entry
        );
    end if;
    -- What unwind.compensations shows of the run. A loop, for the view numbers and sorts, which takes longer than this.
    ordinal := 0;
    foreach v_receipt in array v_receipts loop
        for v_place in 1..pg_catalog.cardinality(v_receipt.counts) loop
            continue when coalesce(v_receipt.counts[v_place], 0) operator(pg_catalog.=) 0;
            ordinal := ordinal operator(pg_catalog.+) 1;
            step := v_receipt.steps[v_place];
            table_name := v_receipt.tables[v_place];
            rows_deleted := v_receipt.counts[v_place];
            return next;
        end loop;
    end loop;
end
$$;
comment on function unwind.compensate_run(text, boolean, bigint) is
'Undoes a run in one transaction and returns its receipts: rows deleted per step and table. force: also a '
'COMPLETED run, or one under another worker''s claim. max_rows: more than that is UW019, and nothing is gone. '
'Errors: UW001, UW005, UW006, UW007, UW008, UW009, UW010, UW019.';

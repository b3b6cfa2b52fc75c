-- Undoes a run: deletes every row it left behind, children first, and writes the receipts; all or nothing. In captured
-- tables it restores what the run changed; where somebody else has changed a row since, it refuses or skips.
-- Again on a COMPENSATED run it returns the same receipts and deletes nothing. It takes max_rows rows at most, or none.
-- The caller's search_path stays, for the user's triggers (see undo_workflow).
-- Errors: 42501 for a run of somebody else's, UW001, UW005, UW006, UW007, UW008, UW009, UW010, UW011, UW014, UW018,
-- UW019, UW020.
create or replace function unwind.compensate_run(
    run_id text, force boolean default false, on_conflict text default 'refuse', max_rows bigint default null
)
returns table (
    ordinal int, step text, table_name text, rows_deleted bigint, rows_reverted bigint, rows_reinserted bigint,
    rows_skipped bigint
)
language plpgsql
set enable_seqscan = off
as $$
declare
    v_run unwind.workflow_runs;
    v_receipt unwind_internal.receipts;
    v_logs pg_catalog.text [];
begin
    if pg_catalog.current_setting('transaction_isolation') operator(pg_catalog.<>) 'read committed'
        or pg_catalog.current_setting('session_replication_role') operator(pg_catalog.=) 'replica'
    then
        perform unwind_internal.assert_session();
    end if;
    if max_rows is not null then
        perform unwind_internal.assert_limit(max_rows);
    end if;
    if on_conflict operator(pg_catalog.=) 'refuse' is not true then
        perform unwind_internal.assert_choice(on_conflict);
    end if;
    v_run := unwind_internal.lock_run(run_id);
    if v_run.status operator(pg_catalog.<>) 'COMPENSATED' then
        if v_run.claimed_by is not null or v_run.status operator(pg_catalog.=) 'COMPLETED' then
            perform unwind_internal.assert_undoable(v_run, force);
        end if;
        v_logs := unwind_internal.images_of(v_run);
        if v_logs is not null then
            perform unwind_internal.undo_with_images(
                array[run_id], array[v_run.number], v_logs, on_conflict, max_rows
            );
        else
            v_receipt := unwind_internal.undo_workflow(v_run.workflow, array[run_id], null, max_rows);
        end if;
    end if;
    if v_receipt.steps is null then
        return query
        select c.ordinal, c.step, c.table_name, c.rows_deleted, c.rows_reverted, c.rows_reinserted, c.rows_skipped
        from unwind.compensations as c
        where c.run_id operator(pg_catalog.=) compensate_run.run_id
            and c.kind operator(pg_catalog.=) 'undo'
            and c.undo operator(pg_catalog.=) unwind_internal.undo_number(compensate_run.run_id)
        order by c.ordinal;
    else
        return query
        select (pg_catalog.row_number() over ())::int, d.step, d.table_name, d.rows_deleted, 0::bigint, 0::bigint,
            0::bigint
        from rows from (
            pg_catalog.unnest(v_receipt.steps), pg_catalog.unnest(v_receipt.tables), pg_catalog.unnest(v_receipt.counts)
        ) as d (step, table_name, rows_deleted)
        where d.rows_deleted operator(pg_catalog.>) 0;
    end if;
end
$$;
comment on function unwind.compensate_run(text, boolean, text, bigint) is
'Undoes a run in one transaction and returns its receipts: rows deleted per step and table, and what was restored per '
'captured table. force: also a COMPLETED run, or one under another worker''s claim. on_conflict: refuse, or skip '
'captured rows that somebody else has changed since. max_rows: more than that is UW019, and nothing is gone. '
'Errors: UW001, UW005, UW006, UW007, UW008, UW009, UW010, UW011, UW014, UW018, UW019, UW020, 42501.';

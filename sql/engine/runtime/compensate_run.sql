-- Undoes a run: deletes every row it left behind, children first, and writes the receipts; all or nothing. In captured
-- tables it restores what the run changed; where somebody else has changed a row since, it refuses, skips or merges.
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
as $$
declare
    v_held unwind_internal.held_run;
    v_receipt unwind_internal.receipts;
    v_images unwind_internal.run_images;
begin
    -- Rare things are asked for together: PL/pgSQL sets up each expression anew in each transaction.
    if pg_catalog.current_setting('transaction_isolation') operator(pg_catalog.<>) 'read committed'
        or pg_catalog.current_setting('session_replication_role') operator(pg_catalog.=) 'replica'
        or max_rows is not null
        or on_conflict operator(pg_catalog.=) 'refuse' is not true
    then
        perform unwind_internal.assert_session();
        perform unwind_internal.assert_limit(max_rows);
        perform unwind_internal.assert_choice(on_conflict);
    end if;
    v_held := unwind_internal.hold_to_undo(run_id);
    if v_held.status operator(pg_catalog.<>) 'COMPENSATED' then
        if v_held.is_doubtful then
            perform unwind_internal.assert_undoable_whole(unwind_internal.lock_run(run_id), force);
        end if;
        v_images := unwind_compiled.images_of(array[v_held.number]);
        -- Null where nothing is under capture. Inside a run the undo must not become that run's change, which the
        -- same function sees to, as it does to it that what is deleted from captured tables is kept.
        if v_images.logs operator(pg_catalog.<>) '{}'
            or pg_catalog.current_setting('unwind.run', true) operator(pg_catalog.<>) ''
            or v_images.logs is not null and unwind_internal.reaches_captured(array[v_held.number])
        then
            v_receipt := unwind_internal.undo_run_with_images(v_held, v_images, on_conflict, max_rows);
        else
            v_receipt := unwind_internal.undo_workflow(
                v_held.workflow, array[run_id], max_rows => max_rows, held => v_held
            );
        end if;
    end if;
    if v_receipt.run_id is null or v_held.has_receipts then
        return query select r.* from unwind_internal.receipts_of_undo(run_id) as r;
    elsif v_receipt.reverted is not null then
        return query
        select
            (pg_catalog.row_number() over (order by c.place))::int, null::pg_catalog.text,
            c.tbl, c.deleted, c.reverted, c.reinserted, c.skipped
        from rows from (
            pg_catalog.unnest(v_receipt.tables), pg_catalog.unnest(v_receipt.counts),
            pg_catalog.unnest(v_receipt.reverted), pg_catalog.unnest(v_receipt.reinserted),
            pg_catalog.unnest(v_receipt.skipped)
        ) with ordinality as c (tbl, deleted, reverted, reinserted, skipped, place)
        where greatest(c.deleted, c.reverted, c.reinserted, c.skipped) operator(pg_catalog.>) 0
        order by c.place;
    else
        ordinal := 0;
        rows_reverted := 0;
        rows_reinserted := 0;
        rows_skipped := 0;
        -- No query: to set one up takes longer than to go through a few numbers.
        for v_place in 1..pg_catalog.cardinality(v_receipt.counts) loop
            rows_deleted := v_receipt.counts[v_place];
            if rows_deleted operator(pg_catalog.>) 0 then
                ordinal := ordinal operator(pg_catalog.+) 1;
                step := v_receipt.steps[v_place];
                table_name := v_receipt.tables[v_place];
                return next;
            end if;
        end loop;
    end if;
end
$$;
comment on function unwind.compensate_run(text, boolean, text, bigint) is
'Undoes a run in one transaction and returns its receipts: rows deleted per step and table, and what was restored per '
'captured table. force: also a COMPLETED run, or one under another worker''s claim. on_conflict: refuse, skip or '
'merge captured rows that somebody else has changed since. max_rows: more than that is UW019, and nothing is gone. '
'Errors: UW001, UW005, UW006, UW007, UW008, UW009, UW010, UW011, UW014, UW018, UW019, UW020, 42501.';

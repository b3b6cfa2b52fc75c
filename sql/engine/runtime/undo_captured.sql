-- Undoes what these runs, whose rows are locked, changed in captured tables, or what their undos did (negative
-- numbers): one statement over all of them, once their rows are locked, table by table in the order of their names, row
-- by row in that of their keys. logs: where they have images, have_found: whether these found rows there, images: how
-- many there are, per log, where the caller knows. What somebody else has changed since is refused, skipped or merged.
-- Receipts: a row per table and run.
-- It goes the shortest way that does it: by a kept function for runs that only inserted; by one for all; by a statement
-- made for the occasion, as always where it merges; and by one in which updated rows go and come back, for unique
-- values that have changed places.
-- The caller's search_path stays, for the user's triggers (see undo_workflow).
-- Errors: UW007, UW011, UW014; 42501.
create or replace function unwind_internal.undo_captured(
    numbers bigint [], logs text [], have_found boolean, on_conflict text, images bigint [] default null
)
returns setof unwind_internal.image_receipt
language plpgsql
set row_security = off
set enable_seqscan = off
set jit = off
as $$
declare
    v_skipping constant boolean := on_conflict operator(pg_catalog.=) 'skip';
    v_way int := case when on_conflict operator(pg_catalog.=) 'merge' then 3 when have_found then 2 else 1 end;
    v_undo unwind_internal.kept_undos;
    v_query pg_catalog.text;
    v_made pg_catalog.record;
    v_replaced int [] := '{}';
    v_is_again pg_catalog.bool := false;
    v_receipts unwind_internal.image_receipt [];
    v_message pg_catalog.text;
    v_detail pg_catalog.text;
    v_schema pg_catalog.text;
    v_table pg_catalog.text;
    v_constraint pg_catalog.text;
begin
    if v_skipping then
        return query select r.* from unwind_internal.lost_images(numbers, logs) as r;
    end if;
    while v_receipts is null loop
        if v_way operator(pg_catalog.<=) 2 then
            v_undo := unwind_internal.hold_kept(logs, v_way operator(pg_catalog.=) 1);
            v_way := v_way operator(pg_catalog.+) 1;
            continue when v_undo.function_name is null;
        else
            select m.* into v_made from unwind_internal.make_undo(numbers, logs, on_conflict, v_replaced) as m;
            exit when v_made.query is null;
            v_undo := v_made.undo;
            v_query := v_made.query;
        end if;
        begin
            if v_undo.inserted_only then
                v_receipts := unwind_internal.restore_inserted(
                    v_undo, numbers, coalesce(images, (unwind_compiled.images_of(numbers)).images)
                );
            else
                v_receipts := unwind_internal.restore_rows(
                    v_undo, numbers, on_conflict, v_query, v_replaced
                );
            end if;
        exception
            when sqlstate 'ZZ001' then -- more is to be looked at
                if v_undo.inserted_only is not true then -- a trigger's of the user's
                    raise;
                end if;
            when sqlstate 'UW007' or sqlstate 'UW014' then -- perhaps of a row that was not locked: see render_restore
                if v_is_again then
                    raise;
                end if;
                v_is_again := true;
            when integrity_constraint_violation or data_exception or raise_exception then
                continue when v_undo.inserted_only; -- it may be the order of its statements
                get stacked diagnostics
                    v_message = message_text,
                    v_detail = pg_exception_detail,
                    v_schema = schema_name,
                    v_table = table_name,
                    v_constraint = constraint_name;
                if sqlstate operator(pg_catalog.=) '23505' and v_replaced operator(pg_catalog.=) '{}' then
                    v_replaced := unwind_internal.replaceable_tables(v_undo.names);
                    v_way := 3;
                    continue when v_replaced operator(pg_catalog.<>) '{}';
                end if;
                perform unwind_internal.raise_restore_refused(
                    sqlstate, v_message, v_detail, v_schema, v_table, v_constraint
                );
        end;
    end loop;
    if v_skipping or numbers[1] operator(pg_catalog.<) 0 then
        perform case
            when undo_captured.numbers[1] operator(pg_catalog.<) 0
                then unwind_internal.settle_images(t.log_name, undo_captured.numbers[1], c.row_keys)
            when c.row_keys operator(pg_catalog.<>) '{}'
                then unwind_internal.hand_on(t.log_name, undo_captured.numbers, c.row_keys)
        end
        from rows from (pg_catalog.unnest(v_undo.log_names), pg_catalog.unnest(v_undo.labels)) as t (log_name, label)
        cross join lateral (
            select coalesce(pg_catalog.array_agg(f.row_key), '{}') as row_keys
            from unwind_internal.changes(undo_captured.numbers, true, v_undo.log_names) as f
            where v_skipping
                and f.action operator(pg_catalog.=) 'conflict'
                and f.table_name operator(pg_catalog.=) t.label
        ) as c;
    end if;
    return query select r.* from pg_catalog.unnest(v_receipts) as r;
end
$$;

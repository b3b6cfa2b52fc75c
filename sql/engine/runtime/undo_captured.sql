-- Undoes what these runs, whose rows are locked, changed in captured tables: one statement over all of them, once their
-- rows are locked, table by table in the order of their names, row by row in that of their keys. What somebody else has
-- changed since is refused, or skipped. Receipts: a row per table and run.
-- The caller's search_path stays, for the user's triggers (see undo_workflow).
-- Errors: UW007, UW011, UW014; 42501.
create or replace function unwind_internal.undo_captured(numbers bigint [], skipping boolean)
returns setof unwind_internal.image_receipt
language plpgsql
set row_security = off
set enable_seqscan = off
set jit = off
as $$
declare
    v_tables unwind_internal.captured_tables [];
    v_names pg_catalog.regclass [];
    v_replaced int [] := '{}';
    v_receipts unwind_internal.image_receipt [];
    v_message pg_catalog.text;
    v_detail pg_catalog.text;
    v_schema pg_catalog.text;
    v_table pg_catalog.text;
    v_constraint pg_catalog.text;
begin
    select pg_catalog.array_agg(t order by t.log_name), pg_catalog.array_agg(t.table_name order by t.log_name)
    into v_tables, v_names
    from unwind_internal.touched_tables(numbers, skipping) as t;
    if skipping then
        return query select r.* from unwind_internal.lost_images(numbers) as r;
    end if;
    if v_tables is null then
        return;
    end if;
    perform unwind_internal.lock_captured_rows(v_tables, numbers);
    for v_try in 1..2 loop
        begin
            v_receipts := unwind_internal.restore_rows(v_tables, v_names, numbers, skipping, v_replaced);
            exit;
        exception
            when integrity_constraint_violation or data_exception or raise_exception then
                get stacked diagnostics
                    v_message = message_text,
                    v_detail = pg_exception_detail,
                    v_schema = schema_name,
                    v_table = table_name,
                    v_constraint = constraint_name;
                if sqlstate operator(pg_catalog.=) '23505' and v_try operator(pg_catalog.=) 1 then
                    v_replaced := unwind_internal.replaceable_tables(v_names);
                    continue when v_replaced operator(pg_catalog.<>) '{}';
                end if;
                perform unwind_internal.raise_restore_refused(
                    sqlstate, v_message, v_detail, v_schema, v_table, v_constraint
                );
        end;
    end loop;
    if skipping then
        perform unwind_internal.hand_on(t.log_name, undo_captured.numbers, c.row_keys)
        from pg_catalog.unnest(v_tables) as t
        cross join lateral (
            select pg_catalog.array_agg(f.row_key) as row_keys
            from unwind_internal.changes(undo_captured.numbers, true) as f
            where f.action operator(pg_catalog.=) 'conflict'
                and f.table_name operator(pg_catalog.=) unwind_internal.qualified_name(t.table_name)
        ) as c
        where c.row_keys is not null;
    end if;
    return query select r.* from pg_catalog.unnest(v_receipts) as r;
end
$$;

-- Deletes these rows, or clears their links, unless another version of them has come since. Rows under which
-- PostgreSQL itself would cascade are locked first, and left to the end of the step where something still hangs
-- below them. Rows deleted are counted in the receipt and the progress, in the same transaction.
-- The caller's search_path stays, for the user's triggers (see render_function).
-- Errors: UW007, where PostgreSQL's own check of a foreign key refuses; UW009, where the table has changed.
-- The joins are pinned to a look by row address, whatever the planner thinks of the batch.
create or replace function unwind_internal.touch_batch(
    run_id text, statement unwind.plan_statements, tables oid [], tids tid [], versions xid []
)
returns bigint
language plpgsql
set row_security = off
set jit = off
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
    v_batch constant text := 'unnest($1, $2, $3) as b (o, c, x)';
    v_same constant text := 't.ctid = b.c and t.tableoid = b.o and t.xmin = b.x'
        || unwind_internal.render_as_compiled(statement);
    v_childless text;
    v_rows bigint;
    v_message text;
    v_detail text;
    v_schema text;
    v_table text;
    v_constraint text;
begin
    if statement.action = 'set null' then
        execute unwind_internal.render_clearing(statement, v_batch, v_same) using tables, tids, versions;
        return 0;
    end if;
    if unwind_internal.render_childless(statement.target, true) <> '' then
        execute format('select from %s as t, %s where %s for update of t', statement.target, v_batch, v_same)
        using tables, tids, versions;
    end if;
    v_childless := unwind_internal.render_childless(
        statement.target, true, unwind_internal.looks_again(statement.workflow)
    );
    execute unwind_internal.render_delete_query(statement.target, v_batch, v_same || v_childless)
    using tables, tids, versions;
    get diagnostics v_rows = row_count;
    perform unwind_internal.count_batch(run_id, statement, v_rows);
    return v_rows;
exception
    when foreign_key_violation or restrict_violation then
        get stacked diagnostics
            v_message = message_text,
            v_detail = pg_exception_detail,
            v_schema = schema_name,
            v_table = table_name,
            v_constraint = constraint_name;
        perform unwind_internal.raise_foreign_key_refused(
            array[run_id], v_message, v_detail, v_schema, v_table, v_constraint
        );
end
$$;

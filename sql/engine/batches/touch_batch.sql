-- Deletes the rows of a batch, or clears their links, as far as they still are the plan's. Rows under which PostgreSQL
-- itself would cascade are locked first, and left to the end of the step where something still hangs below them. Rows
-- deleted are counted in the receipt and the progress, in the same transaction. Gives how many were touched.
-- The caller's search_path stays, for the user's triggers (see undo_workflow).
-- Errors: UW007, where PostgreSQL's own check of a foreign key refuses; UW009, where the table has changed; UW020,
-- where something of the user's refuses: see undo_workflow.
create or replace function unwind_internal.touch_batch(
    run_id text, statement unwind.plan_statements, batch text [], room bigint
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
    v_sources pg_catalog.text;
    v_condition pg_catalog.text;
    v_childless pg_catalog.text;
    v_rows bigint;
    v_message pg_catalog.text;
    v_detail pg_catalog.text;
    v_schema pg_catalog.text;
    v_table pg_catalog.text;
    v_constraint pg_catalog.text;
    v_context pg_catalog.text;
begin
    if pg_catalog.cardinality(unwind_internal.row_key(statement.target)) operator(pg_catalog.>) 1 then
        perform unwind_internal.pin_wide_key();
    end if;
    select b.sources, b.condition into v_sources, v_condition
    from unwind_internal.render_batch(statement, room) as b;
    if statement.action operator(pg_catalog.=) 'set null' then
        execute unwind_internal.render_clearing(statement, v_sources, v_condition) using batch;
        get diagnostics v_rows = row_count;
        return v_rows;
    end if;
    if unwind_internal.render_childless(statement.target, true, true) operator(pg_catalog.<>) '' then
        execute pg_catalog.format(
            'select from %s as t, %s where %s for update of t', statement.target, v_sources, v_condition
        ) using batch;
    end if;
    v_childless := unwind_internal.render_childless(
        statement.target, true, true, unwind_internal.looks_again(statement.workflow)
    );
    execute unwind_internal.render_delete_query(
        statement.target, v_sources, v_condition operator(pg_catalog.||) v_childless
    ) using batch;
    get diagnostics v_rows = row_count;
    if v_rows operator(pg_catalog.>) 0 then
        perform unwind_internal.count_batch(run_id, statement, v_rows);
    end if;
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
    when others then
        get stacked diagnostics
            v_message = message_text,
            v_detail = pg_exception_detail,
            v_context = pg_exception_context,
            v_constraint = constraint_name;
        perform unwind_internal.raise_undo_refused(
            statement.workflow, array[run_id], sqlstate, v_message, v_detail, v_context, v_constraint
        );
        raise;
end
$$;

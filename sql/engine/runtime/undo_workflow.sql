-- Runs a generated function of a workflow for these runs, whose rows are locked, and marks them COMPENSATED. With
-- only_steps it undoes and marks those alone. Without marking they stay live: the caller comes back to them. Gives the
-- receipt where one whole run was undone by the function for one run (close_run); else null. held: that run, where it
-- is at hand.
-- Errors: UW007, also where PostgreSQL's own check of a foreign key refuses; UW008; UW009, where tables have changed
-- since it was compiled; UW019; UW020, where something of the user's refuses.
create or replace function unwind_internal.undo_workflow(
    workflow text, run_ids text [], only_steps text [] default null, max_rows bigint default null,
    marking boolean default true, held unwind_internal.held_run default null
)
returns unwind_internal.receipts
language plpgsql
-- No search_path, here or in all that calls this: the user's triggers fire in here, and find what they would find
-- under a DELETE typed by the caller. A pinned generic plan: = any(array) would be planned anew on every call. It may
-- be made while a table is still empty, or before it was analyzed, and is kept as the table grows: no sequential scan
-- where there is an index, and no merge or hash join, which would read the whole of a table by its index.
-- row_security = off turns rows that a policy hides into an error. jit = off: estimates over arrays of unknown length
-- are high enough to compile at length what runs in no time.
set row_security = off
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_mergejoin = off
set enable_hashjoin = off
set jit = off
as $$
declare
    v_receipt unwind_internal.receipts;
    v_message pg_catalog.text;
    v_detail pg_catalog.text;
    v_schema pg_catalog.text;
    v_table pg_catalog.text;
    v_constraint pg_catalog.text;
    v_context pg_catalog.text;
begin
    if marking and only_steps is null and max_rows is null
        and pg_catalog.cardinality(run_ids) operator(pg_catalog.=) 1
    then
        if held.number is null then
            held := unwind_internal.hold_to_undo(run_ids[1]);
        end if;
        v_receipt := unwind_compiled.undo_one(workflow, held);
    end if;
    if v_receipt.run_id is null then
        perform unwind_compiled.undo_many(workflow, run_ids, only_steps, max_rows, marking);
    end if;
    return v_receipt;
exception
    when foreign_key_violation or restrict_violation then -- the latter from PostgreSQL 18 on
        get stacked diagnostics
            v_message = message_text,
            v_detail = pg_exception_detail,
            v_schema = schema_name,
            v_table = table_name,
            v_constraint = constraint_name;
        perform unwind_internal.raise_blocked(workflow, run_ids, only_steps);
        perform unwind_internal.raise_foreign_key_refused(
            run_ids, v_message, v_detail, v_schema, v_table, v_constraint
        );
    when sqlstate 'UW007' then
        -- The first row that is in the way, as a generated function meets it: all of them, now that nothing is gone.
        perform unwind_internal.raise_blocked(workflow, run_ids, only_steps);
        raise;
    when others then
        get stacked diagnostics
            v_message = message_text,
            v_detail = pg_exception_detail,
            v_context = pg_exception_context,
            v_constraint = constraint_name;
        perform unwind_internal.raise_undo_refused(
            workflow, run_ids, sqlstate, v_message, v_detail, v_context, v_constraint
        );
        if sqlstate operator(pg_catalog.~) '^(42|0A)' and sqlstate operator(pg_catalog.<>) '42501' then
            -- A table or column that is gone; or an error of a user's trigger, which goes on.
            perform unwind_internal.assert_workflow_as_planned(workflow, v_message);
        end if;
        raise;
end
$$;

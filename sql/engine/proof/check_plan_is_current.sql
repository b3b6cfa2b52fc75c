-- Whether planning now would give the plan that was compiled. Plans in a subtransaction and takes it back, and with it
-- the lock under which definitions change; for that one has to be the engine's owner, and other roles are told by
-- check_drift alone. So is everybody where nothing can be written, as on a standby, and told that it was so.
-- Errors: UW008.
create or replace function unwind_internal.check_plan_is_current(workflow text)
returns table (severity text, code text, object text, message text, fix text)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_is_current boolean := unwind_internal.compiled_body(workflow, 'one') is not null
    and unwind_internal.compiled_body(workflow, 'many') is not null
    and unwind_internal.compiled_body(workflow, 'record') is not null;
begin
    if has_table_privilege('unwind.plan_statements', 'insert') then
        begin
            if current_setting('transaction_read_only')::boolean then
                raise read_only_sql_transaction;
            end if;
            perform unwind_internal.lock_definitions();
            perform unwind_internal.assert_workflow(workflow); -- it may have been dropped meanwhile
            perform unwind_internal.plan_workflow(workflow);
            perform unwind_internal.assert_sent_whole(workflow);
            v_is_current := v_is_current and (
                select bool_and(
                    coalesce(position(unwind_internal.compiled_body(workflow, f.runs) in f.rendered), 0) > 0
                )
                from (values
                    ('one', unwind_internal.render_one(workflow)),
                    ('many', unwind_internal.render_many(workflow))
                ) as f (runs, rendered)
            );
            raise sqlstate 'UW999';
        exception
            when sqlstate 'UW999' then
                null; -- the plan made for comparison is undone
            when read_only_sql_transaction then
                severity := 'warning';
                code := 'read_only';
                object := workflow;
                message := 'not planned anew to compare, for this transaction is read-only';
                fix := case
                    when pg_is_in_recovery() then '-- ask on the primary'
                    else 'begin transaction read write;'
                end;
                return next;
            when sqlstate 'UW010' then
                severity := 'warning';
                code := 'unsupported_isolation';
                object := workflow;
                message := 'not planned anew to compare, for this transaction may see old definitions: '
                    || current_setting('transaction_isolation');
                fix := 'begin transaction isolation level read committed;';
                return next;
            when sqlstate 'UW009' then
                severity := 'error';
                code := 'cannot_plan';
                object := workflow;
                message := sqlerrm;
                get stacked diagnostics fix = pg_exception_hint;
                return next;
                return;
        end;
    end if;
    return query select d.* from unwind_internal.check_drift(workflow) as d;
    if not found and v_is_current is not true then
        severity := 'error';
        code := 'stale_plan';
        object := workflow;
        message := 'tables, columns or foreign keys have changed since this workflow was compiled';
        fix := format('select unwind.compile_workflow(%L);', workflow);
        return next;
    end if;
end
$$;

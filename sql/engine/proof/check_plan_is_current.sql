-- Whether planning now would give the plan that was compiled. Plans in a subtransaction and takes it back.
create or replace function unwind_internal.check_plan_is_current(workflow text)
returns table (severity text, code text, object text, message text, fix text)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_compiled text := unwind_internal.compiled_body(workflow);
    v_now text;
begin
    begin
        perform unwind_internal.plan_workflow(workflow);
        v_now := unwind_internal.render_function(workflow, unwind_internal.function_name(workflow));
        raise sqlstate 'UW999';
    exception
        when sqlstate 'UW999' then
            null; -- the plan made for comparison is undone
        when sqlstate 'UW009' then
            severity := 'error';
            code := 'cannot_plan';
            object := workflow;
            message := sqlerrm;
            get stacked diagnostics fix = pg_exception_hint;
            return next;
            return;
    end;
    if v_compiled is null or position(v_compiled in v_now) = 0 then
        severity := 'error';
        code := 'stale_plan';
        object := workflow;
        message := 'tables, columns or foreign keys have changed since this workflow was compiled';
        fix := format('select unwind.compile_workflow(%L);', workflow);
        return next;
    end if;
end
$$;

-- The generated functions of workflows that are defined already, and of captured tables, as this version writes
-- them. A workflow whose definition no longer holds keeps its function, and does not keep the others from the upgrade.
do $$
declare
    v_workflow text;
begin
    perform unwind_internal.lock_definitions();
    for v_workflow in select w.workflow from unwind.workflows as w order by w.workflow loop
        begin
            perform unwind.compile_workflow(v_workflow);
        exception
            when sqlstate 'UW009' then
                raise warning 'workflow % is not compiled anew: %', quote_literal(v_workflow), sqlerrm
                using hint = format('select * from unwind.check_workflow(%L);', v_workflow);
        end;
    end loop;
    perform unwind_internal.compile_dispatcher();
    perform unwind_internal.compile_logs(), unwind_internal.drop_kept();
    perform unwind_internal.follow_table(c.log_name)
    from (select t.log_name from unwind_internal.captured_tables as t order by t.table_name::text) as c;
end
$$;

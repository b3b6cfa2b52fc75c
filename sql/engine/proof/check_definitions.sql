-- Definitions that no longer hold: tables and columns gone or renamed, types that cannot compare, custom
-- functions gone. Each definition is put through the check that it passed when it was made.
create or replace function unwind_internal.check_definitions(workflow text)
returns table (severity text, code text, object text, message text, fix text)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_root unwind.step_roots;
    v_link unwind.logical_foreign_keys;
    v_step unwind.workflow_steps;
    v_columns text [];
    v_successor text;
begin
    severity := 'error';
    code := 'broken_definition';
    for v_root in
        select r.* from unwind.step_roots as r where r.workflow = check_definitions.workflow order by r.step, r.root
    loop
        begin
            perform unwind_internal.assert_table(v_root.root_table, v_root.key_columns);
        exception when sqlstate 'UW009' then
            object := v_root.root_table::text;
            message := format('root of step %L: %s', v_root.step, sqlerrm);
            v_columns := unwind_internal.renamed_columns(workflow, v_root.root_table, v_root.key_columns);
            v_successor := unwind_internal.successor(workflow, v_root.root_table);
            fix := case
                when v_columns is not null
                    then format('select unwind.compile_workflow(%L); -- it follows, to %L', workflow, v_columns)
                when v_successor is not null
                    then format('select unwind_internal.take_table(%L, %L);', v_root.root_table, v_successor)
                else format('-- Put it back, or: '
                    'update unwind.step_roots set root_table = ''...'', key_columns = ''{...}'' '
                    'where workflow = %1$L and step = %2$L and root = %3$s; select unwind.compile_workflow(%1$L);',
                    v_root.workflow, v_root.step, v_root.root)
            end;
            return next;
        end;
    end loop;
    for v_link in
        select l.* from unwind.logical_foreign_keys as l
        where l.parent_table in (
            select w.target from unwind_internal.plan_ways as w where w.workflow = check_definitions.workflow
        )
    loop
        begin
            perform unwind_internal.assert_link(
                v_link.child_table, v_link.child_columns, v_link.parent_table, v_link.parent_columns
            );
        exception when sqlstate 'UW009' then
            object := v_link.child_table::text;
            message := format('declared foreign key to %s: %s', v_link.parent_table, sqlerrm);
            fix := unwind_internal.mend_link_statement(v_link, workflow);
            return next;
        end;
    end loop;
    for v_step in
        select s.* from unwind.workflow_steps as s
        where s.workflow = check_definitions.workflow and s.compensation is not null
        order by s.position
    loop
        begin
            perform unwind_internal.assert_custom_compensation(to_regprocedure(v_step.compensation));
        exception when sqlstate 'UW009' then
            object := v_step.compensation;
            message := format('compensation of step %L is gone or changed', v_step.step);
            fix := format('select unwind.define_custom_step(%L, %L, ''...'');', v_step.workflow, v_step.step);
            return next;
        end;
    end loop;
end
$$;

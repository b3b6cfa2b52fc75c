-- The anchors of a step: the keys of each root table, and the root rows they reach.
-- Errors: UW009 where a root table or key column is gone.
create or replace function unwind_internal.plan_roots(workflow text, step text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_root unwind.step_roots;
begin
    for v_root in
        select r.* from unwind.step_roots as r
        where r.workflow = plan_roots.workflow and r.step = plan_roots.step
        order by r.root
    loop
        perform unwind_internal.assert_table(v_root.root_table, v_root.key_columns);
        perform unwind_internal.assert_key_types(v_root.root_table, v_root.key_columns);
        insert into unwind_internal.plan_ways (workflow, step, way, target, columns, anchor, anchor_columns)
        values (
            plan_roots.workflow, plan_roots.step, unwind_internal.next_number('way'),
            v_root.root_table, v_root.key_columns,
            unwind_internal.add_statement(
                workflow, step, 'keys', v_root.root_table, columns => v_root.key_columns
            ),
            array(select generate_series(1, cardinality(v_root.key_columns)))
        );
    end loop;
end
$$;

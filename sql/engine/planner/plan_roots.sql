-- The anchors of a step: the keys of each root table, and the root rows they reach.
-- Errors: UW009 where a root table or key column is gone.
create or replace function unwind_internal.plan_roots(workflow text, step text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_root unwind.step_roots;
    v_keys int;
begin
    for v_root in
        select r.* from unwind.step_roots as r
        where r.workflow = plan_roots.workflow and r.step = plan_roots.step
        order by r.root
    loop
        perform unwind_internal.assert_table(v_root.root_table, v_root.key_columns);
        perform unwind_internal.assert_key_types(v_root.root_table, v_root.key_columns);
        v_keys := unwind_internal.add_statement(
            workflow, step, 'keys', v_root.root_table, columns => v_root.key_columns
        );
        perform unwind_internal.add_way(row(
            workflow, step, null, v_root.root_table, v_root.key_columns, v_keys,
            array(select generate_series(1, cardinality(v_root.key_columns))), null, null
        )::unwind_internal.plan_ways);
    end loop;
end
$$;

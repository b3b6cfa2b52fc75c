-- A root as a plan made now would have it: its key columns with their types of today.
create or replace function unwind_internal.present_root(root unwind.step_roots)
returns unwind.plan_statements
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_root unwind.plan_statements;
begin
    v_root.workflow := root.workflow;
    v_root.step := root.step;
    v_root.action := 'keys';
    v_root.target := root.root_table;
    v_root.columns := root.key_columns;
    v_root.types := array(
        select unwind_internal.column_type(root.root_table, c.name)
        from unnest(root.key_columns) with ordinality as c (name, n) order by c.n
    );
    v_root.full_types := array(
        select unwind_internal.full_type(root.root_table, c.name)
        from unnest(root.key_columns) with ordinality as c (name, n) order by c.n
    );
    return v_root;
end
$$;

-- An anchor as a FROM item over the arrays of the generated function.
create or replace function unwind_internal.anchor_arrays(anchor unwind.plan_statements)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_list text := '';
begin
    for n in 1..coalesce(cardinality(anchor.types), 0) loop
        v_list := v_list || format('pg_catalog.unnest(%s), ', unwind_internal.anchor_variable(anchor, n));
    end loop;
    return format(
        'rows from (%spg_catalog.unnest(%s))', v_list, unwind_internal.variable(anchor, '_run')
    );
end
$$;

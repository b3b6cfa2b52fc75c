-- An anchor as a FROM item over the arrays of the generated function.
create or replace function unwind_internal.anchor_arrays(statement unwind.plan_statements)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select format('unnest(%s%s_run)',
        unwind_internal.anchor_columns(anchor_arrays.statement, unwind_internal.anchor(statement) || '_'),
        unwind_internal.anchor(statement)
    )
$$;

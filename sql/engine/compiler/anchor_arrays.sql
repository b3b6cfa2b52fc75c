-- An anchor as a FROM item over the arrays of the generated function.
create or replace function unwind_internal.anchor_arrays(statement unwind.plan_statements)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select format('rows from (%spg_catalog.unnest(%s_run))',
        (
            select string_agg(format('pg_catalog.unnest(%s_c%s), ', unwind_internal.anchor(anchor_arrays.statement), n),
                '' order by n)
            from generate_series(1, cardinality((anchor_arrays.statement).types)) as g (n)
        ),
        unwind_internal.anchor(anchor_arrays.statement)
    )
$$;

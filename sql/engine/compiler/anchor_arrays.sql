-- An anchor as a FROM item over the arrays of the generated function.
create or replace function unwind_internal.anchor_arrays(anchor unwind.plan_statements)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        select format('rows from (%spg_catalog.unnest(%s))',
            (
                select string_agg(
                    format('pg_catalog.unnest(%s), ', unwind_internal.anchor_variable(anchor_arrays.anchor, n)), ''
                    order by n
                )
                from generate_series(1, cardinality((anchor_arrays.anchor).types)) as g (n)
            ),
            unwind_internal.variable(anchor_arrays.anchor, '_run')
        )
    );
end
$$;

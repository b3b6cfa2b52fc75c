-- An anchor as the body of a CTE, from the variables of a generated function: its arrays or, in one for a single run,
-- the scalars of a key.
create or replace function unwind_internal.render_held(anchor unwind.plan_statements, one boolean)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return case
        when one and (anchor).action = 'keys' then format('values (%s, run_id)', (
            select string_agg(unwind_internal.anchor_variable(anchor, n), ', ' order by n)
            from generate_series(1, cardinality((anchor).types)) as g (n)
        ))
        else 'select * from ' || unwind_internal.anchor_arrays(anchor)
    end;
end
$$;

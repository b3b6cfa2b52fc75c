-- Names of the columns that an anchor carries, run last: c1, c2, run_id.
create or replace function unwind_internal.anchor_columns(statement unwind.plan_statements, prefix text default '')
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        select string_agg(format('%sc%s, ', anchor_columns.prefix, n), '' order by n)
        from generate_series(1, cardinality((anchor_columns.statement).types)) as g (n)
    );
end
$$;

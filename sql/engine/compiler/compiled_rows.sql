-- The rows t of a statement that does not say whose they were, in a generated function, for one run or for many; with
-- the condition that refuses where the table has changed.
create or replace function unwind_internal.compiled_rows(statement unwind.plan_statements, one boolean)
returns table (sources text, condition text)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select r.sources, r.condition || unwind_internal.render_as_planned(statement)
    from unwind_internal.anchor_of(statement) as a
    cross join unwind_internal.rows_of(statement, unwind_internal.anchor_form(a, one)) as r;
end
$$;

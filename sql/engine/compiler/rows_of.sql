-- The rows t that a plan statement means: see way_rows.
create or replace function unwind_internal.rows_of(
    statement unwind.plan_statements, form text, held_by text default null
)
returns table (sources text, condition text)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select w.sources, w.condition
    from unwind_internal.way_rows(unwind_internal.way_of(statement), form, held_by) as w;
end
$$;

-- The rows t that a plan statement means: see way_rows.
create or replace function unwind_internal.rows_of(
    statement unwind.plan_statements, form text, held_by text default null, out sources text, out condition text
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_rows constant record := unwind_internal.way_rows(unwind_internal.way_of(statement), form, held_by);
begin
    sources := v_rows.sources;
    condition := v_rows.condition;
end
$$;

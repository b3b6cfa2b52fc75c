-- The rows t of a statement that does not say whose they were, in a generated function, for one run or for many; with
-- the condition that refuses where the table has changed.
create or replace function unwind_internal.compiled_rows(
    statement unwind.plan_statements, one boolean, out sources text, out condition text
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_rows constant record := unwind_internal.rows_of(
        statement, unwind_internal.anchor_form(unwind_internal.anchor_of(statement), one)
    );
begin
    sources := v_rows.sources;
    condition := v_rows.condition || unwind_internal.render_as_planned(statement);
end
$$;

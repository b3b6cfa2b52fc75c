-- The UPDATE that clears links to rows which are about to go.
create or replace function unwind_internal.render_set_null(
    statement unwind.plan_statements, sources text, separator text default ' '
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select unwind_internal.render_clearing(
        render_set_null.statement, render_set_null.sources, (render_set_null.statement).condition,
        render_set_null.separator
    )
$$;

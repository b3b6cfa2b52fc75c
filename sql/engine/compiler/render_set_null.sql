-- The UPDATE that clears links to rows which are about to go.
create or replace function unwind_internal.render_set_null(statement unwind.plan_statements, one boolean)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format('        %s;',
        unwind_internal.render_clearing(render_set_null.statement, k.sources, k.condition, E'\n        '))
    from unwind_internal.compiled_rows(render_set_null.statement, one) as k
$$;

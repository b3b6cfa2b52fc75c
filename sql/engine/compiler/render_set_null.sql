-- The UPDATE that clears links to rows which are about to go.
create or replace function unwind_internal.render_set_null(statement unwind.plan_statements, one boolean)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        select format('        %s;',
            unwind_internal.render_clearing(statement, r.sources, r.condition, E'\n        '))
        from unwind_internal.compiled_rows(statement, one) as r
    );
end
$$;

-- The UPDATE that clears links to rows which are about to go.
create or replace function unwind_internal.render_set_null(
    statement unwind.plan_statements, sources text, separator text default ' '
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select concat_ws(separator,
        format('update %s as t', (render_set_null.statement).target),
        (
            select 'set ' || string_agg(format('%I = null', c.name), ', ')
            from unnest((render_set_null.statement).columns) as c (name)
        ),
        'from ' || render_set_null.sources,
        'where ' || (render_set_null.statement).condition
    )
$$;

-- An UPDATE that clears the linking columns of the rows t that meet the condition.
create or replace function unwind_internal.render_clearing(
    statement unwind.plan_statements, sources text, condition text, separator text default ' '
)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return concat_ws(separator,
        format('update %s as t', (render_clearing.statement).target),
        (
            select 'set ' || string_agg(format('%I = null', c.name), ', ')
            from unnest((render_clearing.statement).columns) as c (name)
        ),
        'from ' || nullif(render_clearing.sources, ''),
        'where ' || render_clearing.condition
    );
end
$$;

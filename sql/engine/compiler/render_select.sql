-- A SELECT of columns of t over the rows of a plan statement, or its PERFORM; its clauses parted by a separator.
create or replace function unwind_internal.render_select(
    columns text, target regclass, sources text, condition text, separator text default ' ',
    verb text default 'select'
)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return concat_ws(separator,
        render_select.verb || ' ' || render_select.columns,
        concat_ws(', ', format('from %s as t', render_select.target), render_select.sources),
        'where ' || render_select.condition
    );
end
$$;

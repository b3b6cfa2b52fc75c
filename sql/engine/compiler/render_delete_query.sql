-- A DELETE over the rows of a plan statement; its clauses parted by a separator.
create or replace function unwind_internal.render_delete_query(
    target regclass, sources text, condition text, separator text default ' '
)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return concat_ws(separator,
        format('delete from %s as t', render_delete_query.target),
        'using ' || render_delete_query.sources,
        'where ' || render_delete_query.condition
    );
end
$$;

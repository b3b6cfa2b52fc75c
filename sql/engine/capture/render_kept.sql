-- The body of a function that undoes the runs $1 in a set of captured tables; $2: rows in conflict are skipped. It
-- locks the rows, table by table in the order of names, row by row in that of their keys, and is one statement then
-- (render_undo). It gives one row alone, of place 0, where a table is not as it was when this was rendered.
create or replace function unwind_internal.render_kept(
    function_name text, tables unwind_internal.captured_tables []
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        $body$%s%s
    return query
%s;
%send$body$,
        unwind_internal.render_kept_head(
            function_name, tables,
            E'    "~nothing" unwind_internal.table_outcome;\n',
            E'"~nothing".place := 0;\n        return next "~nothing";\n        return;'
        ),
        string_agg(
            format('    perform from (%s) as l;', unwind_internal.render_row_lock(c)), E'\n' order by t.n
        ),
        unwind_internal.render_undo(tables, '{}', kept => true),
        unwind_internal.render_unforeseen(function_name, tables)
    )
    from generate_series(1, cardinality(tables)) as t (n)
    cross join lateral (select (tables[t.n]).*) as c
$$;

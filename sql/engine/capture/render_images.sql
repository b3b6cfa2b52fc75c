-- The INSERT that writes images of what a statement found (+1) and what it left (-1): of the rows of its transition
-- tables, or, captured row by row, of one row.
create or replace function unwind_internal.render_images(
    captured unwind_internal.captured_tables, operation text, run text, old_row text, new_row text
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        'insert into unwind_captured.%I ("~run", "~sign", "~shape", %s)%s;',
        captured.log_name, unwind_internal.column_list(captured.columns),
        string_agg(
            format(
                E'\n    select %s::pg_catalog.int8, %s::pg_catalog.int2, %s::pg_catalog.int2, %s%s',
                run, i.sign, captured.shape,
                unwind_internal.column_list(captured.columns, case when captured.by_row then i.row_name else 'r' end),
                case when captured.by_row then '' else format(' from %s as r', i.row_name) end
            ),
            E'\n    union all' order by i.place
        )
    )
    from (
        values (1, '1', old_row, 'INSERT'), (2, '(-1)', new_row, 'DELETE')
    ) as i (place, sign, row_name, no_such_row)
    where i.no_such_row <> operation
$$;

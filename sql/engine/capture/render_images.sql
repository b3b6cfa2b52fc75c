-- The INSERT that writes images of what a statement found (+1) and what it left (-1): of the rows of its transition
-- tables, or, captured row by row, of one row. All columns are named, as they are in the log, for with another list the
-- images of an update would be put together once more; of one row they are values, which cost least.
create or replace function unwind_internal.render_images(
    captured unwind_internal.captured_tables, operation text, run text, old_row text, new_row text
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        'insert into unwind_captured.%I ("~run", "~sign", "~shape", "~from", %s)%s%s;',
        captured.log_name, unwind_internal.column_list(captured.columns),
        case when captured.by_row then E'\n    values' else '' end,
        string_agg(
            format(
                case
                    when captured.by_row then E'\n    (%s)'
                    else E'\n    select %s from ' || i.row_name || ' as r'
                end,
                format(
                    '%s, %s::pg_catalog.int2, %s::pg_catalog.int2, null::pg_catalog.int8[], %s',
                    run, i.sign, captured.shape,
                    unwind_internal.column_list(
                        captured.columns, case when captured.by_row then i.row_name else 'r' end
                    )
                )
            ),
            case when captured.by_row then ',' else E'\n    union all' end order by i.place
        )
    )
    from (
        values (1, '1', old_row, 'INSERT'), (2, '(-1)', new_row, 'DELETE')
    ) as i (place, sign, row_name, no_such_row)
    where i.no_such_row <> operation
$$;

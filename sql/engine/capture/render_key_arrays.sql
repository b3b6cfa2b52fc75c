-- The variables in which a kept undo holds the keys of the rows of its n-th captured table that go, and the run of
-- each: their declarations, what fills them from images l, their names, the FROM item l over them and that a row x is
-- one of these.
create or replace function unwind_internal.render_key_arrays(
    captured unwind_internal.captured_tables, n int,
    out declarations text, out filling text, out names text, out rows_to_go text, out is_row text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        format(E'    "~run%s" pg_catalog.int8[];\n', n) || string_agg(
            format(E'    "~key%s_%s" %s[]%s;\n', n, i.place, t.name, t.collation), '' order by i.place
        ),
        'pg_catalog.array_agg(e."~run")' || string_agg(format(', pg_catalog.array_agg(e.k%s)', i.place), ''
            order by i.place),
        format('"~run%s"', n) || string_agg(format(', "~key%s_%s"', n, i.place), '' order by i.place),
        format(
            'rows from (pg_catalog.unnest("~run%s"), %s) as l (run, %s)', n,
            string_agg(format('pg_catalog.unnest("~key%s_%s")', n, i.place), ', ' order by i.place),
            string_agg('k' || i.place, ', ' order by i.place)
        ),
        string_agg(format('%s %s l.k%s', i.value, i.equals, i.place), ' and ' order by i.place)
    from unwind_internal.image_columns(captured) as i
    cross join lateral (
        select
            split_part(captured.types[i.place], ' collate ', 1) as name,
            coalesce(' collate ' || nullif(split_part(captured.types[i.place], ' collate ', 2), ''), '') as collation
    ) as t
    where i.is_key
$$;

-- An expression that says which row a row of the CTE c is of, or one of the table itself: column=value, and so on; as
-- text that runs nobody's code.
create or replace function unwind_internal.render_key_text(
    captured unwind_internal.captured_tables, row_name text default null
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        'pg_catalog.format(%L, %s)',
        string_agg(replace(i.name, '%', '%%') || '=%s', ', ' order by array_position(captured.key_columns, i.name)),
        string_agg(
            coalesce(row_name || format('.%I', i.name), 'c.k' || i.place), ', '
            order by array_position(captured.key_columns, i.name)
        )
    )
    from unwind_internal.image_columns(captured) as i
    where i.is_key
$$;

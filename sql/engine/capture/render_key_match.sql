-- That a row of a captured table, x, is the one that a row of the CTE c is of.
create or replace function unwind_internal.render_key_match(
    captured unwind_internal.captured_tables, change text default 'c'
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select string_agg(format('%s %s %s.k%s', i.value, i.equals, change, i.place), ' and ' order by i.place)
    from unwind_internal.image_columns(captured) as i
    where i.is_key
$$;

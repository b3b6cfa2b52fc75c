-- That a row x of a captured table is the one that an image l is of.
create or replace function unwind_internal.render_image_match(captured unwind_internal.captured_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select string_agg(format('%s %s l.%I', i.value, i.equals, i.name), ' and ' order by i.place)
    from unwind_internal.image_columns(captured) as i
    where i.is_key
$$;

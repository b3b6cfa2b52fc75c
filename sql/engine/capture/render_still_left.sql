-- That a row x of a captured table is as an image l of a row that a run left has it, in the columns that it knows and
-- that are not ignored.
create or replace function unwind_internal.render_still_left(captured unwind_internal.captured_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        'row(%s)::pg_catalog.record operator(pg_catalog.*=) row(%s)',
        string_agg(unwind_internal.render_known('l."~shape"', i.added, i.value, 'null'), ', ' order by i.place),
        string_agg(format('l.%I', i.name), ', ' order by i.place)
    )
    from unwind_internal.image_columns(captured) as i
    where not i.is_ignored
$$;

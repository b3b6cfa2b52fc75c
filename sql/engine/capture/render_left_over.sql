-- The query that says how many rows of a captured table are not as the runs $1 found them, and one of them.
create or replace function unwind_internal.render_left_over(
    captured unwind_internal.captured_tables, merging boolean
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        $sql$with %s
select pg_catalog.count(distinct row(%s)), pg_catalog.min(%s)
from c1 as c
where c.action operator(pg_catalog.<>) 'done'$sql$,
        unwind_internal.render_changes(captured, 1, merging), string_agg('c.k' || i.place, ', ' order by i.place),
        unwind_internal.render_key_text(captured)
    )
    from unwind_internal.image_columns(captured) as i
    where i.is_key
$$;

-- Locks the rows that runs $1 changed in a captured table, in the order of their keys; how many there are.
create or replace function unwind_internal.render_row_lock(captured unwind_internal.captured_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        $sql$select pg_catalog.count(*)
from (
    select from (
        select distinct %1$s from unwind_captured.%2$I as l where l."~run" operator(pg_catalog.=) any($1)
    ) as c
    inner join %3$s as x on %4$s
    order by %5$s
    for update of x
) as z$sql$,
        string_agg(format('l.%I as k%s', i.name, i.place), ', ' order by i.place), 'images of ' || captured.log_name,
        captured.table_name, unwind_internal.render_key_match(captured),
        string_agg(format('x.%I', i.name), ', ' order by i.place)
    )
    from unwind_internal.image_columns(captured) as i
    where i.is_key
$$;

-- The query for how many rows of a captured table the run $1 inserted, updated and deleted: by key, net images (see
-- render_changes). What it found was there before, what it left was there after it.
create or replace function unwind_internal.render_captured_counts(captured unwind_internal.captured_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        $sql$select
    count(*) filter (where not k.was_found),
    count(*) filter (where k.was_found and k.was_left),
    count(*) filter (where not k.was_left)
from (
    select bool_or(n."~net" > 0) as was_found, bool_or(n."~net" < 0) as was_left
    from (
        select %1$s, sum(l."~sign") over (w range between current row and current row) as "~net"
        from unwind_captured.%2$I as l
        where l."~run" = $1
        window w as (partition by %1$s order by row(%3$s) using operator(pg_catalog.*<))
    ) as n
    where n."~net" <> 0
    group by %4$s
) as k$sql$,
        unwind_internal.column_list(captured.key_columns, 'l'), 'images of ' || captured.log_name,
        unwind_internal.column_list(captured.columns, 'l'), unwind_internal.column_list(captured.key_columns, 'n')
    )
$$;

-- The query for the live recorded keys of a step ($2, $3) of the runs $1 whose rows these found, by net images.
create or replace function unwind_internal.render_found_keys(
    captured unwind_internal.captured_tables, key_columns text []
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        $sql$select g.run_id, g.step, g.entity_key
from unwind_internal.ledger as g
inner join unwind.workflow_runs as r on r.id = g.run_id
where g.run_id = any($1) and r.workflow = $2 and g.step = $3
    and (unwind_internal.may_act(r.started_by) or unwind_internal.sees_any_run())
    and g.compensated_at is null and g.released_at is null
    and exists (
        select from (
            select
                l.*, sum(l."~sign") over (w range between current row and current row) as "~net"
            from unwind_captured.%1$I as l
            where l."~run" = r.number
            window w as (partition by %2$s order by row(%3$s) using operator(pg_catalog.*<))
        ) as l
        where l."~net" > 0 and %4$s
    )$sql$,
        captured.log_name,
        unwind_internal.column_list(captured.key_columns, 'l'), unwind_internal.column_list(captured.columns, 'l'),
        (
            select string_agg(
                format(
                    'l.%I %s %s', k.name, unwind_internal.key_operator(captured.table_name, k.name),
                    unwind_internal.render_reading(
                        format('g.entity_key[%s]', k.n), unwind_internal.column_type(captured.table_name, k.name)
                    )
                ),
                ' and ' order by k.n
            )
            from unnest(key_columns) with ordinality as k (name, n)
        )
    )
$$;

-- The statement that deletes rows of captured tables whose keys, and which of the runs inserted each, are in the
-- variables of a kept undo (render_key_arrays): none where rows would go along that are not theirs (render_dragged). A
-- row per table and run, as render_undo gives them.
create or replace function unwind_internal.render_inserted(tables unwind_internal.captured_tables [])
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with links as materialized (
        select t.n, l.child_place, l.child_places, l.parent_places
        from generate_series(1, cardinality(tables)) as t (n)
        cross join lateral unwind_internal.drag_links(tables, t.n) as l
    ),

    parts as (
        select
            t.n, c.table_name, k.rows_to_go, k.is_row, unwind_internal.render_dragged(tables, t.n) as dragged,
            (
                select string_agg(format('%s as t%s, %1$s as f%2$s', i.value, i.place), ', ' order by i.place)
                    filter (where i.place = any(u.places))
                || ', ' || string_agg(format('%s as k%s', i.value, i.place), ', ' order by i.place)
                    filter (where i.is_key)
                from unwind_internal.image_columns(c) as i
            ) as columns
        from generate_series(1, cardinality(tables)) as t (n)
        cross join lateral (select (tables[t.n]).*) as c
        cross join lateral unwind_internal.render_key_arrays(c, t.n) as k
        cross join lateral (
            select array_agg(p.place) as places
            from links as l
            cross join lateral (
                select unnest(l.parent_places) as place where l.n = t.n
                union all
                select unnest(l.child_places) where l.child_place = t.n
            ) as p
        ) as u
    )

    select format(
        $sql$with %1$s%2$s
select
    d.place, d.run, d.deletes, 0::bigint, 0::bigint, 0::bigint,
    (pg_catalog.sum(d.deletes) over (partition by d.place))::bigint, 0::bigint,
    null::pg_catalog.text, false, null::pg_catalog.text, null::pg_catalog.text, false,
    (pg_catalog.sum(d.deletes) over (partition by d.place))::bigint, 0::bigint, 0::bigint, 0::bigint
from (
    %3$s
) as d$sql$,
        case
            when bool_or(p.dragged is not null) then
                string_agg(
                    format(
                        $sql$c%s as materialized (
    select 'delete' as action, %s
    from %s
    inner join %s as x on %s
),
$sql$,
                        p.n, p.columns, p.rows_to_go, p.table_name, p.is_row
                    ), '' order by p.n
                ) filter (where p.columns is not null)
                || E'y as materialized (\n    '
                || string_agg(p.dragged, E'\n    union all\n    ' order by p.n)
                || E'\n),\n'
            else ''
        end,
        string_agg(
            format(
                $sql$d%s as (
    delete from %s as x using %s
    where %s%s
    returning l.run
)$sql$,
                p.n, p.table_name, p.rows_to_go, p.is_row,
                case when b.drags then ' and not exists (select from y)' else '' end
            ), E',\n' order by p.n
        ),
        string_agg(
            format('select %s as place, d.run, pg_catalog.count(*) as deletes from d%1$s as d group by d.run', p.n),
            E'\n    union all\n    ' order by p.n
        )
    )
    from parts as p
    cross join (select bool_or(q.dragged is not null) as drags from parts as q) as b
$$;

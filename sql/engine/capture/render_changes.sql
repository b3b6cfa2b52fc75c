-- The CTEs n and c, numbered, of a captured table: what is to be undone of the runs $1, by key.
--
-- n: net images. Per key and image the signs are summed, over all the runs: + is what they found, - is what they left,
-- and 0 is nothing. Images are equal as records are under *=, byte by byte, for a json has no =, and 1.0 is not 1.00;
-- in a window, for GROUP BY does not know that.
-- c: what the row is to be, beside what the runs left and what is there now (f, l, t), and what to do: nothing (done),
-- delete, update, insert; or conflict, where somebody else has changed the row since (it is not as they left it), or
-- did so between two changes of theirs (more than one image found, or left). What it is to be is what they found; but
-- columns that are ignored say nothing of a change, and stay as they are where somebody touched the row
-- (ignore_columns).
-- With merging so do, in a row that is there, all those that the runs did not change; one that they changed, and
-- somebody else again, is a conflict.
-- An image knows the columns of its shape: others are not compared. What was left is there beside the rest where it is
-- to be shown: for each column that is passed on costs in each node.
create or replace function unwind_internal.render_changes(
    captured unwind_internal.captured_tables, n int, merging boolean default false, sign text default 'l."~sign"',
    shown boolean default false
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        $sql$n%1$s as materialized (
    select z.run, z.shape, z.net, z.place, %19$s from (
        select
            r.*, pg_catalog.sum(r.sign) over w as net, pg_catalog.rank() over w as place,
            pg_catalog.row_number() over w operator(pg_catalog.=) pg_catalog.rank() over w as is_first
        from (
            select l."~run" as run, %18$s as sign, l."~shape" as shape, %3$s, row(%4$s) as img
            from unwind_captured.%2$I as l
            where l."~run" operator(pg_catalog.=) any($1)
        ) as r
        window w as (
            partition by %5$s order by r.img using operator(pg_catalog.*<) range between current row and current row
        )
    ) as z
    where z.net operator(pg_catalog.<>) 0 and z.is_first
),
c%1$s as materialized (
    select q.f_run, q.l_run, %15$s, case
        when q.is_found and not q.are_many_found then 'done'
%16$s        when q.is_tangled or not q.is_left then 'conflict'
        when q.f_run is null then 'delete'
        when q.l_run is null then 'insert'
        else 'update'
    end as action
    from (
        select
            f.run as f_run, l.run as l_run, f.shape as f_shape, l.shape as l_shape, t.is_there, %6$s, %7$s,
            coalesce(pg_catalog.min(f.place) over k operator(pg_catalog.<>) pg_catalog.max(f.place) over k, false)
                as are_many_found,
            pg_catalog.count(*) over k operator(pg_catalog.>) 1 as is_tangled,
            pg_catalog.row_number() over k operator(pg_catalog.=) 1 as is_first,
            case
                when f.run is null then t.is_there is null
                else t.is_there is not null and row(%9$s)::pg_catalog.record operator(pg_catalog.*=) row(%20$s)
            end as is_found,
            case
                when l.run is null then t.is_there is null
                else t.is_there is not null and row(%10$s)::pg_catalog.record operator(pg_catalog.*=) row(%21$s)
            end as is_left
        from (select n.* from n%1$s as n where n.net operator(pg_catalog.>) 0) as f
        full join (select n.* from n%1$s as n where n.net operator(pg_catalog.<) 0) as l on %11$s
        left join (select true as is_there, %12$s from %13$s as x) as t on %14$s
        window k as (partition by %8$s)
    ) as q%17$s
)$sql$,
        n, 'images of ' || captured.log_name,
        string_agg(format('l.%I as c%s', i.name, i.place), ', ' order by i.place),
        string_agg(format('l.%I', i.name), ', ' order by i.place),
        string_agg(format('r.c%s', i.place), ', ' order by i.place) filter (where i.is_key),
        string_agg(format('coalesce(f.c%1$s, l.c%1$s) as k%1$s', i.place), ', ' order by i.place)
            filter (where i.is_key),
        string_agg(format('f.c%1$s as f%1$s, l.c%1$s as l%1$s, t.c%1$s as t%1$s', i.place), ', ' order by i.place),
        string_agg(format('coalesce(f.c%1$s, l.c%1$s)', i.place), ', ' order by i.place) filter (where i.is_key),
        string_agg(unwind_internal.render_known('f.shape', i.added, 't.c' || i.place, 'null'), ', ' order by i.place)
            filter (where not i.is_ignored),
        string_agg(unwind_internal.render_known('l.shape', i.added, 't.c' || i.place, 'null'), ', ' order by i.place)
            filter (where not i.is_ignored),
        string_agg(format('f.c%1$s %2$s l.c%1$s', i.place, i.equals), ' and ' order by i.place)
            filter (where i.is_key),
        string_agg(format('%s as c%s', i.value, i.place), ', ' order by i.place),
        captured.table_name,
        string_agg(format('t.c%1$s %2$s coalesce(f.c%1$s, l.c%1$s)', i.place, i.equals), ' and ' order by i.place)
            filter (where i.is_key),
        format(
            '%s as f_shape, q.is_first, %s, %s%s',
            case when merging then format('case when m.is_merged then %s else q.f_shape end', captured.shape)
                else 'q.f_shape' end,
            string_agg('q.k' || i.place, ', ' order by i.place) filter (where i.is_key),
            string_agg(format('%s as f%2$s, q.t%2$s', g.goal, i.place), ', ' order by i.place),
            case when shown then format(
                ', q.l_shape, q.is_there, q.is_tangled, %s', string_agg('q.l' || i.place, ', ' order by i.place)
            ) end
        ),
        case when merging then format(
            E'        when m.is_merged and row(%s)::pg_catalog.record operator(pg_catalog.*=) row(%s) then ''done''\n'
            '        when m.is_merged then ''update''\n',
            string_agg(g.goal, ', ' order by i.place) filter (where not i.is_ignored),
            string_agg('q.t' || i.place, ', ' order by i.place) filter (where not i.is_ignored)
        ) end,
        case when merging then format(
            E'\n    cross join lateral (\n        select q.is_there and q.f_run is not null and q.l_run is not null '
            'and not q.is_tangled and not q.is_left%s as is_merged\n    ) as m',
            string_agg(
                format(
                    E'\n            and (not %1$s '
                    'or row(q.t%2$s)::pg_catalog.record operator(pg_catalog.*=) row(q.l%2$s) '
                    'or row(q.t%2$s)::pg_catalog.record operator(pg_catalog.*=) row(q.f%2$s))',
                    unwind_internal.render_is_theirs(i.place, i.added, 'q'), i.place
                ), '' order by i.place
            ) filter (where not i.is_ignored)
        ) end,
        render_changes.sign,
        string_agg('z.c' || i.place, ', ' order by i.place),
        string_agg('f.c' || i.place, ', ' order by i.place) filter (where not i.is_ignored),
        string_agg('l.c' || i.place, ', ' order by i.place) filter (where not i.is_ignored)
    )
    from unwind_internal.image_columns(captured) as i
    cross join lateral (
        select case
            when i.is_ignored then format(
                'case when q.is_there and not row(%s)::pg_catalog.record operator(pg_catalog.*=) row(%s) '
                'then q.t%s else q.f%3$s end',
                (
                    select string_agg(
                        unwind_internal.render_known('q.l_shape', o.added, 'q.t' || o.place, 'null'),
                        ', ' order by o.place
                    )
                    from unwind_internal.image_columns(captured) as o
                ),
                (
                    select string_agg('q.l' || o.place, ', ' order by o.place)
                    from unwind_internal.image_columns(captured) as o
                ), i.place
            )
            when merging then format(
                'case when m.is_merged and not %s then q.t%s else q.f%2$s end',
                unwind_internal.render_is_theirs(i.place, i.added, 'q'), i.place
            )
            else 'q.f' || i.place
        end as goal
    ) as g
$$;

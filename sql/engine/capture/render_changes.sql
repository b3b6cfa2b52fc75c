-- The CTEs n and c, numbered, of a captured table: what is to be undone of the runs $1, by key.
--
-- n: net images. Per key and image the signs are summed, over all the runs: + is what they found, - is what they left,
-- and 0 is nothing. Images are equal as records are under *=, byte by byte, for a json has no =, and 1.0 is not 1.00;
-- in a window, for GROUP BY does not know that.
-- c: what the runs found beside what they left and what is there now (f, l, t), and what to do: nothing (done), delete,
-- update, insert; or conflict, where somebody else has changed the row since (it is not as they left it), or did so
-- between two changes of theirs (more than one image found, or left).
-- An image knows the columns of its shape: others are not compared.
create or replace function unwind_internal.render_changes(captured unwind_internal.captured_tables, n int)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        $sql$n%1$s as materialized (
    select z.* from (
        select
            r.*, pg_catalog.sum(r.sign) over (w range between current row and current row) as net,
            pg_catalog.row_number() over w operator(pg_catalog.=) pg_catalog.rank() over w as is_first
        from (
            select l."~run" as run, l."~sign" as sign, l."~shape" as shape, %3$s, row(%4$s) as img
            from unwind_captured.%2$I as l
            where l."~run" operator(pg_catalog.=) any($1)
        ) as r
        window w as (partition by %5$s order by r.img using operator(pg_catalog.*<))
    ) as z
    where z.net operator(pg_catalog.<>) 0 and z.is_first
),
c%1$s as materialized (
    select q.*, case
        when q.is_found and q.n_found operator(pg_catalog.<) 2 then 'done'
        when q.is_tangled or not q.is_left then 'conflict'
        when q.f_run is null then 'delete'
        when q.l_run is null then 'insert'
        else 'update'
    end as action
    from (
        select
            f.run as f_run, l.run as l_run, f.shape as f_shape, l.shape as l_shape, f.img as f_img, l.img as l_img,
            t.is_there, %6$s, %7$s,
            coalesce(f.n_found, 0) as n_found,
            pg_catalog.count(*) over (partition by %8$s) operator(pg_catalog.>) 1 as is_tangled,
            case
                when f.run is null then t.is_there is null
                else t.is_there is not null and row(%9$s) operator(pg_catalog.*=) f.img
            end as is_found,
            case
                when l.run is null then t.is_there is null
                else t.is_there is not null and row(%10$s) operator(pg_catalog.*=) l.img
            end as is_left
        from (
            select n.*, pg_catalog.count(*) over (partition by %11$s) as n_found
            from n%1$s as n
            where n.net operator(pg_catalog.>) 0
        ) as f
        full join (select n.* from n%1$s as n where n.net operator(pg_catalog.<) 0) as l on %12$s
        left join (select true as is_there, %13$s from %14$s as x) as t on %15$s
    ) as q
)$sql$,
        n, 'images of ' || captured.log_name,
        string_agg(format('l.%I as c%s', i.name, i.place), ', ' order by i.place),
        string_agg(format('l.%I', i.name), ', ' order by i.place),
        string_agg(format('r.c%s', i.place), ', ' order by i.place) filter (where i.is_key),
        string_agg(format('coalesce(f.c%1$s, l.c%1$s) as k%1$s', i.place), ', ' order by i.place)
            filter (where i.is_key),
        string_agg(format('f.c%1$s as f%1$s, l.c%1$s as l%1$s, t.c%1$s as t%1$s', i.place), ', ' order by i.place),
        string_agg(format('coalesce(f.c%1$s, l.c%1$s)', i.place), ', ' order by i.place) filter (where i.is_key),
        string_agg(unwind_internal.render_known('f.shape', i.added, 't.c' || i.place, 'null'), ', ' order by i.place),
        string_agg(unwind_internal.render_known('l.shape', i.added, 't.c' || i.place, 'null'), ', ' order by i.place),
        string_agg(format('n.c%s', i.place), ', ' order by i.place) filter (where i.is_key),
        string_agg(format('f.c%1$s %2$s l.c%1$s', i.place, i.equals), ' and ' order by i.place)
            filter (where i.is_key),
        string_agg(format('%s as c%s', i.value, i.place), ', ' order by i.place),
        captured.table_name,
        string_agg(format('t.c%1$s %2$s coalesce(f.c%1$s, l.c%1$s)', i.place, i.equals), ' and ' order by i.place)
            filter (where i.is_key)
    )
    from unwind_internal.image_columns(captured) as i
$$;

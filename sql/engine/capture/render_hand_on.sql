-- The UPDATE that hands images of the runs $1 on, of rows whose keys are $2, and gives from whom and to whom, an image
-- each: see hand_on. Each image keeps whose it was. A key may be written in more
-- than one way (1.0 is 1.00): as these runs found it or, where they found none, left it, as render_changes has it.
create or replace function unwind_internal.render_hand_on(captured unwind_internal.captured_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        $sql$with every as materialized (
    select z.* from (
        select
            r.*, sum(r.sign) over (w range between current row and current row) as net,
            row_number() over w = rank() over w as is_first
        from (
            select l."~sign" as sign, %2$s, row(%3$s) as img
            from unwind_captured.%1$I as l
            where l."~run" = any($1)
        ) as r
        window w as (partition by %4$s order by r.img using operator(pg_catalog.*<))
    ) as z
    where z.net <> 0 and z.is_first
),
net as (
    select n.* from (
        select
            c.*, count(*) filter (where c.net > 0) over w as found,
            count(*) filter (where c.net < 0) over w as left_behind,
            first_value(%8$s) over (w order by c.net desc) as row_key
        from every as c
        window w as (partition by %5$s)
    ) as n
    where n.net < 0 and n.found < 2 and n.left_behind < 2
),
heirs as (
    select %5$s, h.run
    from net as c
    cross join lateral (
        select b."~run" as run
        from unwind_captured.%1$I as b
        inner join unwind.workflow_runs as r on r.number = b."~run" and r.status <> 'COMPENSATED'
        where %6$s and b."~run" <> all($1) and row(%7$s) *= c.img
        group by b."~run"
        having sum(b."~sign") > 0
        order by b."~run"
        limit 1
    ) as h
    where c.row_key = any($2)
)
update unwind_captured.%1$I as l
set "~run" = c.run, "~from" = l."~from" || l."~run"
from heirs as c
where l."~run" = any($1) and %9$s
returning l."~from"[cardinality(l."~from")], l."~run"$sql$,
        captured.log_name,
        string_agg(format('l.%I as k%s', i.name, i.place), ', ' order by i.place) filter (where i.is_key),
        string_agg(format('l.%I', i.name), ', ' order by i.place),
        string_agg('r.k' || i.place, ', ' order by i.place) filter (where i.is_key),
        string_agg('c.k' || i.place, ', ' order by i.place) filter (where i.is_key),
        string_agg(format('b.%I %s c.k%s', i.name, i.equals, i.place), ' and ' order by i.place)
            filter (where i.is_key),
        string_agg(format('b.%I', i.name), ', ' order by i.place),
        unwind_internal.render_key_text(captured),
        string_agg(format('l.%I %s c.k%s', i.name, i.equals, i.place), ' and ' order by i.place)
            filter (where i.is_key)
    )
    from unwind_internal.image_columns(captured) as i
$$;

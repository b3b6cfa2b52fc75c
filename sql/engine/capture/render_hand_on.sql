-- The UPDATE that hands images of the runs $1 on, of rows whose keys are $2 (render_net_images), and gives from whom
-- and to whom, an image each: see hand_on. Each image keeps whose it was.
create or replace function unwind_internal.render_hand_on(captured unwind_internal.captured_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        $sql$with %2$s,
heirs as (
    select %3$s, h.run
    from net as c
    cross join lateral (
        select b."~run" as run
        from unwind_captured.%1$I as b
        inner join unwind.workflow_runs as r on r.number = b."~run" and r.status <> 'COMPENSATED'
        where %4$s and b."~run" <> all($1) and row(%5$s) *= c.img
        group by b."~run"
        having sum(b."~sign") > 0
        order by b."~run"
        limit 1
    ) as h
    where c.net < 0 and c.found < 2 and c.left_behind < 2 and c.row_key = any($2)
)
update unwind_captured.%1$I as l
set "~run" = c.run, "~from" = l."~from" || l."~run"
from heirs as c
where l."~run" = any($1) and %6$s
returning l."~from"[cardinality(l."~from")], l."~run"$sql$,
        captured.log_name,
        unwind_internal.render_net_images(captured),
        string_agg('c.k' || i.place, ', ' order by i.place) filter (where i.is_key),
        string_agg(format('b.%I %s c.k%s', i.name, i.equals, i.place), ' and ' order by i.place)
            filter (where i.is_key),
        string_agg(format('b.%I', i.name), ', ' order by i.place),
        string_agg(format('l.%I %s c.k%s', i.name, i.equals, i.place), ' and ' order by i.place)
            filter (where i.is_key)
    )
    from unwind_internal.image_columns(captured) as i
$$;

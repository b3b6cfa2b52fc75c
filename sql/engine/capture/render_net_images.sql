-- The CTEs every and net of the images of the runs $1 in a log: those that do not come to nothing, each beside how many
-- of its row were found and left, and beside the row's key as text (render_key_text). A key may be written in more than
-- one way (1.0 is 1.00): as these runs found it or, where they found none, left it, as render_changes has it.
create or replace function unwind_internal.render_net_images(captured unwind_internal.captured_tables)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        $sql$every as materialized (
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
    select
        c.*, count(*) filter (where c.net > 0) over w as found,
        count(*) filter (where c.net < 0) over w as left_behind,
        first_value(%6$s) over (w order by c.net desc) as row_key
    from every as c
    window w as (partition by %5$s)
)$sql$,
        captured.log_name,
        string_agg(format('l.%I as k%s', i.name, i.place), ', ' order by i.place) filter (where i.is_key),
        string_agg(format('l.%I', i.name), ', ' order by i.place),
        string_agg('r.k' || i.place, ', ' order by i.place) filter (where i.is_key),
        string_agg('c.k' || i.place, ', ' order by i.place) filter (where i.is_key),
        unwind_internal.render_key_text(captured)
    )
    from unwind_internal.image_columns(captured) as i
$$;

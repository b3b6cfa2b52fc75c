-- A list that is read by people: as many items as fit on a line, and the indent before each further line.
create or replace function unwind_internal.render_list(items text [], indent text, separator text default ',')
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select string_agg(l.line, separator || E'\n' || indent order by l.number)
    from (
        select i.number, string_agg(i.item, separator || ' ' order by i.n) as line
        from (
            select u.item, u.n, (sum(length(u.item) + 2) over (order by u.n) - 1) / 80 as number
            from unnest(items) with ordinality as u (item, n)
        ) as i
        group by i.number
    ) as l
$$;

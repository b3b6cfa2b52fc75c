-- Rows that would go along by themselves, as queries over the CTEs c, for a table that is undone: rows that are not the
-- runs', and refer to a row that goes; and rows that come back and refer to one that goes, which the cascade would take
-- along unseen, for it comes after. is_back tells the two. Full joins: see render_restore.
create or replace function unwind_internal.render_dragged(tables unwind_internal.captured_tables [], n int)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select string_agg(
        format(
            $sql$(
        select %1$L::pg_catalog.text as table_name, %2$L::pg_catalog.text as link, false as is_back
        from (
            select x.*, true as "~drags"
            from %3$s as x
            inner join c%4$s as p on %5$s
            where (%6$s)
        ) as x%7$s
        limit 1
    )$sql$,
            d.child::text, d.link, d.child, n,
            (
                select string_agg(format('p.t%s %s x.%I', l.parent, l.operator, l.name), ' and ' order by l.n)
                from unnest(d.parent_places, d.operators, d.columns) with ordinality as l (parent, operator, name, n)
            ),
            g.goes,
            case
                when d.child_place is not null then format(
                    $sql$
        full join (
            select c.* from c%s as c
            where c.action operator(pg_catalog.=) 'delete'
                or c.action operator(pg_catalog.=) 'update' and not row(%s)::pg_catalog.record
                    operator(pg_catalog.*=) row(%s)
        ) as c on %s
        where coalesce(x."~drags" and c.action is null, false)$sql$,
                    d.child_place, m.found, m.present, unwind_internal.render_key_match(tables[d.child_place])
                )
                else ''
            end
        ) || case
            when d.child_place is not null then format(
                $sql$
    union all
    (
        select %1$L, %2$L, true
        from c%3$s as c
        full join c%4$s as p on %5$s
        where coalesce((%6$s) and c.action operator(pg_catalog.=) any('{insert,update}'), false)
        limit 1
    )$sql$,
                d.child::text, d.link, d.child_place, n,
                (
                    select string_agg(format('p.t%s %s c.f%s', l.parent, l.operator, l.child), ' and ' order by l.n)
                    from unnest(d.parent_places, d.operators, d.child_places)
                        with ordinality as l (parent, operator, child, n)
                ),
                g.goes
            )
            else ''
        end,
        E'\n    union all\n    ' order by d.child::text, d.link
    )
    from unwind_internal.drag_links(tables, n) as d
    cross join lateral (
        select
            string_agg('c.f' || c.place, ', ' order by c.n) as found,
            string_agg('c.t' || c.place, ', ' order by c.n) as present
        from unnest(d.child_places) with ordinality as c (place, n)
    ) as m
    cross join lateral (
        select concat_ws(' or ',
            case when d.on_delete then 'p.action operator(pg_catalog.=) ''delete''' end,
            case when d.on_update then format(
                'p.action operator(pg_catalog.=) ''update'' and not row(%s)::pg_catalog.record '
                'operator(pg_catalog.*=) row(%s)',
                string_agg('p.f' || c.place, ', ' order by c.n), string_agg('p.t' || c.place, ', ' order by c.n)
            ) end
        ) as goes
        from unnest(d.parent_places) with ordinality as c (place, n)
    ) as g
$$;

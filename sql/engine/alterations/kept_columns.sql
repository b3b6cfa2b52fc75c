-- Columns of a table by what those are called now that had these names when it was planned, also where another column
-- has such a name now. A name that no plan knows stays.
create or replace function unwind_internal.kept_columns(tbl regclass, columns text [])
returns text []
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select array_agg(coalesce(n.called, c.name) order by c.place)
    from unnest(kept_columns.columns) with ordinality as c (name, place)
    left join lateral (
        select p.called
        from unwind_internal.planned_columns as p
        where p.target = kept_columns.tbl and p.name = c.name and p.state in ('renamed', 'taken')
        limit 1
    ) as n on true
$$;

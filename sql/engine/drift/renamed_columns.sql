-- Columns of a table by their names of today, where they were renamed since the workflow was compiled; null where one
-- is gone.
create or replace function unwind_internal.renamed_columns(workflow text, tbl regclass, columns text [])
returns text []
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select case when count(*) = count(n.name) then array_agg(n.name order by c.place) end
    from unnest(renamed_columns.columns) with ordinality as c (name, place)
    left join lateral (
        select a.attname::text as name
        from pg_attribute as a
        where a.attrelid = renamed_columns.tbl and a.attname = c.name
        union all
        select p.called
        from unwind_internal.planned_columns as p
        where p.workflow = renamed_columns.workflow and p.target = renamed_columns.tbl and p.name = c.name
            and p.state = 'renamed'
        limit 1
    ) as n on true
$$;

-- Columns of a table by their names of today, where they were renamed since the workflow was compiled; null where
-- one is gone or has become of another type.
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
        where a.attrelid = renamed_columns.tbl and a.attname = c.name and not a.attisdropped
        union all
        select a.attname::text
        from unwind_internal.planned_tables as t
        cross join unnest(t.columns, t.types, t.numbers) as p (name, type, number)
        inner join pg_attribute as a on a.attrelid = t.target and a.attnum = p.number and not a.attisdropped
        where t.workflow = renamed_columns.workflow and t.target = renamed_columns.tbl and p.name = c.name
            and unwind_internal.column_type(t.target, a.attname) = p.type
        limit 1
    ) as n on true
$$;

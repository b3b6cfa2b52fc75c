-- How the body of a kept undo ends, where $4, for what it does is not captured (undo_mirrored): it is ZZ001 where rows
-- had columns that images do not know, or a table is no longer as it was when this was rendered, as it can be until it
-- is locked against who puts triggers on it. That of a foreign key is locked last, by the foreign key.
create or replace function unwind_internal.render_unforeseen(
    function_name text, tables unwind_internal.captured_tables []
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        $body$    if $4 then
        perform where unwind_internal.is_changed(%L, '~state~')
            or exists (select from (%s) as t where false)%s;
        if found then
            raise sqlstate 'ZZ001';
        end if;
    end if;
$body$,
        function_name, d.looks,
        string_agg(
            format(
                E'\n            or exists (select from unwind_captured.%I as l '
                'where l."~run" operator(pg_catalog.=) any($1) and l."~shape" operator(pg_catalog.<) %s)',
                'images of ' || c.log_name, c.shape
            ), '' order by t.n
        ) filter (where c.shape > 1)
    )
    from generate_series(1, cardinality(tables)) as t (n)
    cross join lateral (select (tables[t.n]).*) as c
    cross join (
        select string_agg(format('select from %s', d.name), ' union all ' order by d.name) as looks
        from unnest(unwind_internal.dragging_tables(tables)) as d (name)
    ) as d
    group by d.looks
$$;

-- How the body of a kept undo begins: its tables are locked, so that nobody alters them (undo_captured). Where it is no
-- longer true it returns, as told. Only then it locks them against who writes there, before any row, for another undo
-- may have one that was altered against its writers (follow_altered): two that held the one lock and wanted the other
-- would wait for each other. $3 is the state of it that is meant (kept_undos); keep_undo puts its own in. The rest is
-- asked once a plan (see is_changed), of which all that matters is a part.
create or replace function unwind_internal.render_kept_head(
    function_name text, tables unwind_internal.captured_tables [], declarations text, if_stale text
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        $body$%1$sbegin
    perform where $3 operator(pg_catalog.<>) '~state~'
        or unwind_internal.is_changed(%3$L, '~state~')
        or exists (select from (%4$s) as t where false)%5$s;
    if found then
        %6$s
    end if;
    lock table %2$s in row exclusive mode;
$body$,
        declarations, string_agg('only ' || c.table_name, ', ' order by t.n), function_name, d.looks,
        string_agg(
            format(
                E'\n        or exists (select from unwind_captured.%I as l '
                'where l."~run" operator(pg_catalog.=) any($1) and l."~shape" operator(pg_catalog.<) %s)',
                'images of ' || c.log_name, c.min_shape
            ), '' order by t.n
        ) filter (where c.min_shape > 1),
        if_stale
    )
    from generate_series(1, cardinality(tables)) as t (n)
    cross join lateral (select (tables[t.n]).*) as c
    cross join (
        select
            string_agg(format('select from %s', d.name), ' union all ' order by d.name) as looks
        from unnest(unwind_internal.dragging_tables(tables)) as d (name)
    ) as d
    group by d.looks
$$;

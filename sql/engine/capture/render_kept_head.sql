-- How the body of a kept undo begins: it locks the tables, before any row, for another undo may have one that was
-- altered against its writers (lock_captured); nobody alters them, or what else it names, from here on. Then it
-- returns, as told, where it is no longer true. $3 is the state of it that is meant (kept_undos); keep_undo declares
-- its own. The rest is asked once a plan (see is_changed), of which all that matters is a part.
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
%2$s    lock table %3$s in row exclusive mode;
    perform where $3 operator(pg_catalog.<>) "~state"
        or unwind_internal.is_changed(%4$L)
        or exists (select from (%5$s) as t where false)%6$s;
    if found then
        %7$s
    end if;
$body$,
        declarations, d.locks, string_agg('only ' || c.table_name, ', ' order by t.n), function_name, d.looks,
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
            coalesce(
                '    lock table '
                || string_agg('only ' || d.name, ', ' order by d.name) filter (where not d.is_undone)
                || E' in access share mode;\n', ''
            ) as locks,
            string_agg(format('select from %s', d.name), ' union all ' order by d.name) as looks
        from (
            select d.name, exists (select from unnest(tables) as o where o.table_name = d.name) as is_undone
            from unnest(unwind_internal.dragging_tables(tables)) as d (name)
        ) as d
    ) as d
    group by d.locks, d.looks
$$;

-- The query over the anchors as CTEs (render_anchors) that tells of the rows of a refusal or a guard: ten of them at
-- most as text, the runs that these are of, and whether some are of none. A row is named by its key, as far as the
-- caller can read it, and by the linking columns.
create or replace function unwind_internal.render_blocking(statement unwind.plan_statements, run_ids text [])
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        $query$
            select
                string_agg(
                    format('(%%s)=(%%s)%%s', %2$L, b.key, ' of run ' || quote_literal(b.run)), ', ' order by b.key
                ),
                coalesce(array_agg(distinct b.run) filter (where b.run is not null), '{}'),
                bool_or(b.run is null)
            from (select %3$s as key, %4$s as run from %1$s order by 1 limit 10) as b
        $query$,
        unwind_internal.render_blocked(t, render_blocking.run_ids),
        array_to_string(k.columns, ', '),
        format('concat_ws('', '', %s)', unwind_internal.render_columns(k.columns)),
        unwind_internal.render_run_of(t.target, format('%L::text[]', render_blocking.run_ids))
    )
    from (select (render_blocking.statement).*) as t
    cross join lateral (
        select array_agg(c.name order by c.n) as columns
        from (
            select u.name, min(u.n) as n
            from unnest(unwind_internal.row_key(t.target) || t.columns) with ordinality as u (name, n)
            where u.name = any(t.columns) or unwind_internal.can_read(t.target, array[u.name])
            group by u.name
        ) as c
    ) as k
$$;

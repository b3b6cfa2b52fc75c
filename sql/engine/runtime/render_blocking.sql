-- The query over the anchors as CTEs (render_anchors) for the rows of a refusal or a guard: their count, ten of them at
-- most as text, and the runs that these are of. A row is named by its key, as far as the caller can read it, and by the
-- linking columns.
create or replace function unwind_internal.render_blocking(statement unwind.plan_statements, run_ids text [])
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        $query$select (select count(*) from %1$s), r.keys, r.owners from (
            select
                string_agg(
                    format('(%%s)=(%%s)%%s', %2$L, b.key, ' of run ' || quote_literal(b.run)), ', ' order by b.key
                ) as keys,
                coalesce(array_agg(distinct b.run) filter (where b.run is not null), '{}') as owners
            from (select %3$s as key, %4$s as run from %1$s order by 1 limit 10) as b
        ) as r$query$,
        unwind_internal.render_rows(t, 'delete') || case t.action
            when 'guard' then format(' and %s is not null', unwind_internal.render_guarded(t, o.run_ids)) else '' end,
        array_to_string(k.columns, ', '),
        format('concat_ws('', '', %s)', unwind_internal.render_columns(k.columns)),
        unwind_internal.render_run_of(t.target, o.run_ids)
    )
    from (select (render_blocking.statement).*) as t
    cross join (select format('%L::text[]', render_blocking.run_ids) as run_ids) as o
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

-- Finds a row that the run's own keys or cascade links reach and another run owns: its key, and that run. Who owns it
-- is asked of rows that are found already (offset 0), never to find them.
create or replace function unwind_internal.render_guard_query(
    statement unwind.plan_statements, into_variables text, sources text, condition text, run_ids text
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        'select pg_catalog.format(''(%%s)=(%%s)'', %1$L, pg_catalog.concat_ws('', '', %2$s)), %3$s%4$s
        from (
            %5$s
            offset 0
        ) as t
        where %3$s is not null
        limit 1',
        array_to_string(t.columns, ', '),
        i.list,
        unwind_internal.render_other_owner(
            t.target,
            array(
                select s.root_table from unwind_internal.key_sets(t.target) as s where s.key_columns = t.columns
            ),
            t.columns, render_guard_query.run_ids
        ),
        E'\n        into ' || render_guard_query.into_variables,
        unwind_internal.render_select(
            (select string_agg(format('t.%I', c.name), ', ' order by c.n) from unnest(t.columns) with ordinality as c (name, n)),
            t.target, render_guard_query.sources, render_guard_query.condition, E'\n            '
        )
    )
    from (select (render_guard_query.statement).*) as t
    cross join lateral (
        select string_agg(
            unwind_internal.render_identity(t.target, c.name, format('t.%I', c.name)), ', ' order by c.n
        ) as list
        from unnest(t.columns) with ordinality as c (name, n)
    ) as i
$$;

-- Finds a row that cascade links reach and another run owns: its key, and that run.
create or replace function unwind_internal.render_guard_query(
    statement unwind.plan_statements, into_variables text, sources text, condition text, run_ids text
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        'select pg_catalog.format(''(%%s)=(%%s)'', pg_catalog.array_to_string(o.key_columns, '', ''),
            pg_catalog.array_to_string(o.entity_key, '', '')), o.run_id%7$s
        from %1$s as t, %2$s
        where o.root_table operator(pg_catalog.=) %3$L::pg_catalog.regclass
            and o.key_columns operator(pg_catalog.=) %4$L
            and o.entity_key operator(pg_catalog.=) array[%5$s]
            and o.run_id operator(pg_catalog.=) r.id
            and r.status operator(pg_catalog.<>) ''COMPENSATED''
            and r.id operator(pg_catalog.<>) all(%8$s)
            and %6$s
        limit 1',
        t.target,
        concat_ws(', ', render_guard_query.sources, 'unwind.entity_owners as o', 'unwind.workflow_runs as r'),
        t.target::text,
        t.columns,
        (
            select string_agg(
                unwind_internal.render_identity(t.target, c.name, format('t.%I', c.name)), ', ' order by c.n
            )
            from unnest(t.columns) with ordinality as c (name, n)
        ),
        render_guard_query.condition,
        E'\n        into ' || render_guard_query.into_variables,
        render_guard_query.run_ids
    )
    from (select (render_guard_query.statement).*) as t
$$;

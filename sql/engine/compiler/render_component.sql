-- Deletes from several tables in one statement, for rows there can refer to each other. Each row, by whichever way it
-- is found, once; within the statement by where it lies, for it is locked. Rows kept elsewhere PostgreSQL does not
-- check: they go by themselves.
create or replace function unwind_internal.render_component(statements unwind.plan_statements [])
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with places as (
        select
            s.step, s.target, min(s.ordinal) as place, min(unwind_internal.render_as_planned(s)) as as_planned,
            string_agg(unwind_internal.render_select(
                't.tableoid, t.ctid, k.run_id', s.target, r.sources, r.condition, E'\n                '
            ), E'\n                union\n                ' order by s.ordinal) as rows
        from unnest(statements) as s
        cross join unwind_internal.rows_of(s, 'joined') as r
        where not unwind_internal.is_kept_elsewhere(s.target)
        group by s.step, s.target
    )

    select concat((
        select string_agg(E'\n' || unwind_internal.render_statement(s, false), '' order by s.ordinal)
        from unnest(statements) as s
        where unwind_internal.is_kept_elsewhere(s.target)
    ), case when count(*) > 0 then format(
        '
    with %s

    select v_runs operator(pg_catalog.||) pg_catalog.array_agg(c.run_id order by c.place),
        v_steps operator(pg_catalog.||) pg_catalog.array_agg(c.step order by c.place),
        v_tables operator(pg_catalog.||) pg_catalog.array_agg(c.table_name order by c.place),
        v_counts operator(pg_catalog.||) pg_catalog.array_agg(c.gone order by c.place)
    into v_runs, v_steps, v_tables, v_counts
    from (
        select g.run_id, g.step, g.table_name, pg_catalog.min(g.place) as place, pg_catalog.count(*) as gone
        from (%s) as g
        group by g.run_id, g.step, g.table_name
    ) as c;',
        string_agg(format(
            'gone%s as (
        delete from %s as t
        using (
                %s
            ) as r (o, c, run_id)
        where t.tableoid operator(pg_catalog.=) r.o and t.ctid operator(pg_catalog.=) r.c%s
        returning r.run_id
    )', p.place, p.target, p.rows, p.as_planned), ', ' order by p.place),
        string_agg(
            format('select g.run_id, %L::pg_catalog.text as step, %L::pg_catalog.text as table_name, %s as place '
                'from gone%3$s as g',
                p.step, p.target, p.place),
            E'\n            union all ' order by p.place
        )
    ) end)
    from places as p
$$;

-- One delete, counted in one of two ways: for one run the row count is the receipt; for several, each row says
-- whose it was.
create or replace function unwind_internal.render_delete(statement unwind.plan_statements)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        '        if v_one then
            %1$s;
            get diagnostics n%2$s = row_count;
        else
            with gone as (
                %3$s
                returning k.run_id
            )

            select v_runs operator(pg_catalog.||) pg_catalog.array_agg(c.run_id),
                v_steps operator(pg_catalog.||) pg_catalog.array_agg(%4$L::pg_catalog.text),
                v_tables operator(pg_catalog.||) pg_catalog.array_agg(%5$L::pg_catalog.text),
                v_counts operator(pg_catalog.||) pg_catalog.array_agg(c.gone)
            into v_runs, v_steps, v_tables, v_counts
            from (select g.run_id, pg_catalog.count(*) as gone from gone as g group by g.run_id) as c;
        end if;',
        unwind_internal.render_delete_query(t.target, k.sources, k.condition, E'\n            '),
        t.ordinal,
        unwind_internal.render_delete_query(
            t.target,
            unwind_internal.render_sources(
                render_delete.statement,
                unwind_internal.anchor_arrays(unwind_internal.anchor_of(render_delete.statement))
            ),
            t.condition || unwind_internal.render_as_compiled(render_delete.statement), E'\n                '
        ),
        t.step,
        t.target
    )
    from (select (render_delete.statement).*) as t
    cross join unwind_internal.any_key(render_delete.statement, true) as k
$$;

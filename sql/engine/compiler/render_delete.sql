-- One delete, counted in one of two ways: for one run the row count is the receipt; for several, each row says
-- whose it was. PostgreSQL gives no rows back from a table with rules for deletes: there they are counted before.
create or replace function unwind_internal.render_delete(statement unwind.plan_statements, one boolean)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select case when one then format(
            '        %s;
        get diagnostics %s = row_count;',
            unwind_internal.render_delete_query(t.target, k.sources, k.condition, E'\n        '),
            unwind_internal.variable(render_delete.statement)
        )
        else format(
            '        %sselect v_runs operator(pg_catalog.||) pg_catalog.array_agg(c.run_id),
            v_steps operator(pg_catalog.||) pg_catalog.array_agg(%L::pg_catalog.text),
            v_tables operator(pg_catalog.||) pg_catalog.array_agg(%L::pg_catalog.text),
            v_counts operator(pg_catalog.||) pg_catalog.array_agg(c.gone)
        into v_runs, v_steps, v_tables, v_counts
        from (select g.run_id, pg_catalog.count(*) as gone from %s as g group by g.run_id) as c;%s',
            case when not r.has_rules then format(
                E'with gone as (\n            %s\n            returning k.run_id\n        )\n\n        ',
                unwind_internal.render_delete_query(t.target, k.sources, k.condition, E'\n            ')
            ) end,
            t.step,
            t.target,
            case when r.has_rules
                then format('(%s)', unwind_internal.render_select('k.run_id', t.target, k.sources, k.condition))
                else 'gone' end,
            case when r.has_rules then format(
                E'\n        %s;', unwind_internal.render_delete_query(t.target, k.sources, k.condition, E'\n        ')
            ) end
        )
    end
    from (select (render_delete.statement).*) as t
    cross join unwind_internal.anchor_of(render_delete.statement) as a
    cross join lateral (
        select w.sources, w.condition || unwind_internal.render_as_planned(render_delete.statement) as condition
        from unwind_internal.rows_of(
            render_delete.statement, case when one then unwind_internal.anchor_form(a, true) else 'joined' end
        ) as w
    ) as k
    cross join lateral (
        select exists (
            select from pg_rewrite as w where w.ev_class = t.target and w.ev_type = '4' and w.ev_enabled <> 'D'
        ) as has_rules
    ) as r
$$;

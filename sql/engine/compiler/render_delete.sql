-- One delete, counted in one of two ways: for one run the row count is the receipt; for several, each row says
-- whose it was. PostgreSQL gives no rows back from a table with rules for deletes: there they are counted before.
create or replace function unwind_internal.render_delete(statement unwind.plan_statements, one boolean)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_has_rules constant boolean := exists (
        select from pg_rewrite as w where w.ev_class = statement.target and w.ev_type = '4' and w.ev_enabled <> 'D'
    );
    v_rows constant record := unwind_internal.rows_of(statement, case
        when one then unwind_internal.anchor_form(unwind_internal.anchor_of(statement), true) else 'joined'
    end);
    v_condition constant text := v_rows.condition || unwind_internal.render_as_planned(statement);
begin
    return case when one then format(
            '        %s;
        get diagnostics %s = row_count;',
            unwind_internal.render_delete_query(statement.target, v_rows.sources, v_condition, E'\n        '),
            unwind_internal.variable(statement)
        )
        else format(
            '        %sselect v_runs operator(pg_catalog.||) pg_catalog.array_agg(c.run_id),
            v_steps operator(pg_catalog.||) pg_catalog.array_agg(%L::pg_catalog.text),
            v_tables operator(pg_catalog.||) pg_catalog.array_agg(%L::pg_catalog.text),
            v_counts operator(pg_catalog.||) pg_catalog.array_agg(c.gone)
        into v_runs, v_steps, v_tables, v_counts
        from (select g.run_id, pg_catalog.count(*) as gone from %s as g group by g.run_id) as c;%s',
            case when not v_has_rules then format(
                E'with gone as (\n            %s\n            returning k.run_id\n        )\n\n        ',
                unwind_internal.render_delete_query(statement.target, v_rows.sources, v_condition, E'\n            ')
            ) end,
            statement.step,
            statement.target,
            case when v_has_rules
                then format('(%s)', unwind_internal.render_select(
                    'k.run_id', statement.target, v_rows.sources, v_condition
                ))
                else 'gone' end,
            case when v_has_rules then format(
                E'\n        %s;',
                unwind_internal.render_delete_query(statement.target, v_rows.sources, v_condition, E'\n        ')
            ) end
        )
    end;
end
$$;

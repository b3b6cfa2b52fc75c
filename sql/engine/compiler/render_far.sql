-- A delete, or a set null, on a table whose rows are kept elsewhere: a statement for each run, or each key of one. Its
-- row count is that run's receipt.
create or replace function unwind_internal.render_far(statement unwind.plan_statements)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        '        declare
            k record;
            v_gone bigint;
        begin
            for k in
                select %1$s
                from %2$s as u (%3$srun_id)%4$s
            loop
                %5$s;%6$s
            end loop;
        end;',
        concat_ws(', ', c.list, 'u.run_id'),
        unwind_internal.anchor_arrays(a),
        unwind_internal.anchor_columns(a),
        case when f.form = 'far elements' then '
                group by u.run_id
                order by u.run_id' end,
        concat(
            case t.action
                when 'delete'
                    then unwind_internal.render_delete_query(t.target, null, r.condition, E'\n                ')
                else unwind_internal.render_clearing(t, null, r.condition, E'\n                ')
            end,
            unwind_internal.render_as_planned(t)
        ),
        case when t.action = 'delete' then format('
                get diagnostics v_gone = row_count;
                v_runs := pg_catalog.array_append(v_runs, k.run_id);
                v_steps := pg_catalog.array_append(v_steps, %L::pg_catalog.text);
                v_tables := pg_catalog.array_append(v_tables, %L::pg_catalog.text);
                v_counts := pg_catalog.array_append(v_counts, v_gone);', t.step, t.target) end
    )
    from (select (render_far.statement).*) as t
    cross join unwind_internal.anchor_of(render_far.statement) as a
    cross join unwind_internal.far_form(a) as f (form)
    cross join unwind_internal.rows_of(render_far.statement, f.form) as r
    cross join lateral (
        select string_agg(
            format(
                case f.form
                    when 'far elements' then 'pg_catalog.array_agg(u.c%s) as c%1$s'
                    else 'u.c%s::%s as c%1$s'
                end,
                n.place, unwind_internal.qualified_type(n.type)), ', ' order by n.place
        ) as list
        from unnest(a.types) with ordinality as n (type, place)
    ) as c
$$;

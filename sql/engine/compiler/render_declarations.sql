-- The variables of a generated function; in that for one run the row count of each delete too.
create or replace function unwind_internal.render_declarations(workflow text, one boolean)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select concat_ws(E'\n',
        case when one then '    run_id constant pg_catalog.text := held.run_id;' end,
        case when unwind_internal.looks_again(render_declarations.workflow) then '    v_left pg_catalog.text;' end,
        case when not one then '    v_runs pg_catalog.text[];
    v_steps pg_catalog.text[];
    v_tables pg_catalog.text[];
    v_counts bigint[];' end,
        string_agg(unwind_internal.render_declaration(p, one), E'\n' order by p.ordinal),
        '    ' || unwind_internal.render_list(
            array_agg(format('%s bigint', unwind_internal.variable(p)) order by p.ordinal)
            filter (where p.action = 'delete' and one), '    ', ';'
        ) || ';'
    )
    from unwind.plan_statements as p
    where p.workflow = render_declarations.workflow
$$;

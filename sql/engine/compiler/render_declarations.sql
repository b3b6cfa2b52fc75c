-- The variables of a generated function: per anchor an array for each carried column and one that says whose
-- each element is; per delete its row count.
create or replace function unwind_internal.render_declarations(workflow text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select concat_ws(E'\n',
        '    v_one boolean := false;',
        case when unwind_internal.looks_again(render_declarations.workflow) then '    v_left pg_catalog.text;' end,
        case when bool_or(p.action = 'refuse') then '    v_rows bigint;' end,
        case when bool_or(p.action in ('refuse', 'guard')) then '    v_sample pg_catalog.text;' end,
        case when bool_or(p.action = 'guard') then '    v_run pg_catalog.text;' end,
        '    v_runs pg_catalog.text[];',
        '    v_steps pg_catalog.text[];',
        '    v_tables pg_catalog.text[];',
        '    v_counts bigint[];',
        string_agg(unwind_internal.render_declaration(p), E'\n' order by p.ordinal)
    )
    from unwind.plan_statements as p
    where p.workflow = render_declarations.workflow
$$;

-- Tables that are not any more as the plan takes them to be. Reads only, so every role that may read the plan can ask.
create or replace function unwind_internal.check_drift(workflow text)
returns table (severity text, code text, object text, message text, fix text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        'error',
        'stale_plan',
        t.table_name,
        d.line,
        concat(
            -- Another table has taken the name: the definitions have to follow it.
            case when t.target::text <> t.table_name and to_regclass(t.table_name) is not null
                then unwind_internal.replace_table_statements(t.target, t.table_name) end,
            format('select unwind.compile_workflow(%L);', t.workflow)
        )
    from unwind_internal.planned_tables as t
    cross join unwind_internal.drift(t, true) as d (line)
    where t.workflow = check_drift.workflow
    order by t.table_name, d.line
$$;

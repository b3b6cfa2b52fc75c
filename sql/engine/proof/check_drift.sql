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
        coalesce(
            (
                select coalesce(a.follow || ' -- or, if what was renamed is meant: ', '') || a.keep
                from unwind_internal.ambiguities(check_drift.workflow) as a
                where a.target = t.target
                order by a.keep desc -- a table before its columns
                limit 1
            ),
            format('select unwind.compile_workflow(%L);', t.workflow)
        )
    from unwind_internal.planned_tables as t
    cross join unwind_internal.table_drift(t, true) as d (line)
    where t.workflow = check_drift.workflow
    order by t.table_name, d.line
$$;

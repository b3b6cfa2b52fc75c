-- A statement as it is rendered, on a table whose rows are kept elsewhere. Before it the table is locked against
-- change, and found to be as it was when the workflow was compiled. A query is planned anew, with the values that it
-- has: whoever sends it on has to know where to.
create or replace function unwind_internal.render_elsewhere(statement unwind.plan_statements, rendered text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select concat(
        string_agg(format(
            '        perform from %s as t where false;
        perform unwind_internal.assert_table_as_planned(%L, %L);
', p.target, p.workflow, p.digest), '' order by p.target::text),
        case when q.is_query then E'        set local plan_cache_mode = auto;\n' end,
        render_elsewhere.rendered,
        case when q.is_query then E'\n        set local plan_cache_mode = force_generic_plan;' end
    )
    from unwind_internal.planned_tables as p
    cross join (select (render_elsewhere.statement).action not in ('delete', 'set null') as is_query) as q
    where p.workflow = (render_elsewhere.statement).workflow
        and (
            p.target = (render_elsewhere.statement).target
            or (
                (render_elsewhere.statement).action = 'capture'
                and p.target in (select c.target from unwind_internal.captured_columns(render_elsewhere.statement) as c)
            )
        )
        and unwind_internal.is_kept_elsewhere(p.target)
    group by q.is_query
$$;

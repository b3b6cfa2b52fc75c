-- A statement as it is rendered; on a table whose rows are kept elsewhere, with what it takes there. Before it the
-- table is locked against change, and found to be as it was when the workflow was compiled. A query is planned anew,
-- with the values that it has: whoever sends it on has to know where to.
create or replace function unwind_internal.render_elsewhere(statement unwind.plan_statements, rendered text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_tables regclass [] := array[statement.target];
    v_assertions text;
begin
    if statement.action = 'capture' then
        v_tables := array(select distinct c.target from unwind_internal.captured_columns(statement) as c);
    end if;
    select string_agg(format(
        '        perform from %s as t where false;
        perform unwind_internal.assert_table_as_planned(%L, %L);
', p.target, p.workflow, p.digest), '' order by p.target::text) into v_assertions
    from unwind_internal.planned_tables as p
    where p.workflow = statement.workflow
        and p.target = any(v_tables)
        and unwind_internal.is_kept_elsewhere(p.target);
    return case
        when v_assertions is null then rendered
        when statement.action in ('delete', 'set null') then v_assertions || rendered
        else concat(
            v_assertions, E'        set local plan_cache_mode = auto;\n',
            rendered, E'\n        set local plan_cache_mode = force_generic_plan;'
        )
    end;
end
$$;

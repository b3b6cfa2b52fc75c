-- Looks for rows that are still there after their deletion, and refuses the whole call where there are some.
create or replace function unwind_internal.render_recheck(statement unwind.plan_statements, one boolean)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        '        if exists (
            %s
        ) then
            perform unwind_internal.raise_rows_kept(%L, %L);
        end if;',
        unwind_internal.render_select('1', t.target, k.sources, k.condition, E'\n            '),
        t.workflow,
        t.target
    )
    from (select (render_recheck.statement).*) as t
    cross join unwind_internal.compiled_rows(render_recheck.statement, one) as k
$$;

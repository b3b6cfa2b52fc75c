-- Looks for rows that are still there after their deletion, and refuses the whole call where there are some.
create or replace function unwind_internal.render_recheck(statement unwind.plan_statements, one boolean)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        select format(
            '        if exists (
            %s
        ) then
            perform unwind_internal.raise_rows_kept(%L, %L);
        end if;',
            unwind_internal.render_select('1', statement.target, r.sources, r.condition, E'\n            '),
            statement.workflow,
            statement.target
        )
        from unwind_internal.compiled_rows(statement, one) as r
    );
end
$$;

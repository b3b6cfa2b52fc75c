-- Looks for rows that cascade links reach and another run owns, and refuses the whole call where there are some.
create or replace function unwind_internal.render_guard(statement unwind.plan_statements, one boolean)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        '        %s;
        if found then
            perform unwind_internal.raise_owned_elsewhere(%L, v_sample, v_run);
        end if;',
        unwind_internal.render_guard_query(
            render_guard.statement, 'v_sample, v_run', k.sources, k.condition,
            case when one then 'array[run_id]' else 'run_ids' end
        ),
        (render_guard.statement).target::text
    )
    from unwind_internal.compiled_rows(render_guard.statement, one) as k
$$;

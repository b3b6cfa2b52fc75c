-- Looks for rows that cascade links reach and another run owns, and refuses the whole call where there are some.
create or replace function unwind_internal.render_guard(statement unwind.plan_statements)
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
            render_guard.statement, 'v_sample, v_run', k.sources, k.condition, 'run_ids'
        ),
        (render_guard.statement).target::text
    )
    from unwind_internal.any_key(render_guard.statement) as k
$$;

-- The end of a pass over the steps, in a workflow that looks again: rows that its statements would still touch were
-- kept or written by code of the user's. They get another pass; what is left after the last refuses the whole call.
create or replace function unwind_internal.render_look(workflow text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with looks as (
        select
            p.step,
            min(p.ordinal) as ordinal,
            min(unwind_internal.variable(p, '_run')) filter (where p.action = 'keys') as keys,
            string_agg(
                format(
                    E'            (%s limit 1)',
                    unwind_internal.render_select(quote_literal(p.target::text), p.target, k.sources, k.condition)
                ), E'\n            union all\n' order by p.ordinal
            ) filter (where p.action in ('set null', 'delete', 'refuse')) as rows
        from unwind.plan_statements as p
        left join lateral unwind_internal.compiled_rows(p, false) as k
            on p.action in ('set null', 'delete', 'refuse')
        where p.workflow = render_look.workflow
        group by p.step
    )

    select format(
        E'
    perform unwind_internal.fire_deferred_triggers(%1$L);
    v_left := null;%3$s
%2$s%4$s
    exit when v_left is null;
end loop;
    if v_left is not null then
        perform unwind_internal.raise_rows_kept(%1$L, v_left);
    end if;',
        render_look.workflow,
        string_agg(
            format(
                E'    if %s is not null and v_left is null then
        select l.table_name into v_left from (\n%s\n        ) as l (table_name) limit 1;
    end if;', l.keys, l.rows
            ), E'\n' order by l.ordinal
        ) filter (where l.rows is not null),
        case when e.some_are then E'\n    set local plan_cache_mode = auto;' end,
        case when e.some_are then E'\n    set local plan_cache_mode = force_generic_plan;' end
    )
    from looks as l
    cross join (
        select coalesce(bool_or(unwind_internal.is_kept_elsewhere(p.target)), false) as some_are
        from unwind_internal.planned_tables as p
        where p.workflow = render_look.workflow
    ) as e
    group by e.some_are
$$;

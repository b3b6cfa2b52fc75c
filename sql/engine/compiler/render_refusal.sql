-- Looks for rows that would be left dangling, and refuses the whole call where there are some.
create or replace function unwind_internal.render_refusal(statement unwind.plan_statements)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        '        if exists (
            %1$s
        ) then
            %2$s;
            perform unwind_internal.raise_dependents(%3$L, %4$L, v_rows, v_sample, run_ids);
        end if;',
        unwind_internal.render_select('1', t.target, k.sources, k.condition, E'\n            '),
        unwind_internal.render_select(
            format('pg_catalog.count(*), pg_catalog.min(pg_catalog.concat_ws('', '', %s)) into v_rows, v_sample', c.list),
            t.target, null,
            coalesce('exists (select from ' || k.sources || ' where ' || k.condition || ')', k.condition),
            E'\n            '
        ),
        t.target,
        array_to_string(t.columns, ', ')
    )
    from (select (render_refusal.statement).*) as t
    cross join unwind_internal.any_key(render_refusal.statement) as k
    cross join lateral (
        select string_agg(format('t.%I', n.name), ', ') as list from unnest(t.columns) as n (name)
    ) as c
$$;

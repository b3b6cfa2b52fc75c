-- Looks for rows that cascade links reach and another run owns; the first one refuses the whole call. Who owns it is
-- asked of rows that are found already (offset 0), never to find them.
create or replace function unwind_internal.render_guard(statement unwind.plan_statements, one boolean)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        '        perform unwind_internal.raise_owned_elsewhere(%L, %s, array[%s])
        from (
            %s
            offset 0
        ) as t
        where %3$s is not null;',
        t.target,
        o.run_ids,
        unwind_internal.render_guarded(render_guard.statement, o.run_ids),
        unwind_internal.render_select(
            unwind_internal.render_columns(t.columns), t.target, k.sources, k.condition, E'\n            '
        )
    )
    from (select (render_guard.statement).*) as t
    cross join (select case when one then 'array[run_id]' else 'run_ids' end as run_ids) as o
    cross join unwind_internal.compiled_rows(render_guard.statement, one) as k
$$;

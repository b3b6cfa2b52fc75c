-- Looks for rows that cascade links reach and another run owns; the first one refuses the whole call. Who owns it is
-- asked of rows that are found already (offset 0), never to find them.
create or replace function unwind_internal.render_guard(statement unwind.plan_statements, one boolean)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_run_ids constant text := case when one then 'array[run_id]' else 'run_ids' end;
begin
    return (
        select format(
            '        perform unwind_internal.raise_owned_elsewhere(%L, %s, array[%s])
        from (
            %s
            offset 0
        ) as t
        where %3$s is not null;',
            statement.target,
            v_run_ids,
            unwind_internal.render_guarded(statement, v_run_ids),
            unwind_internal.render_select(
                unwind_internal.render_columns(statement.columns), statement.target, r.sources, r.condition,
                E'\n            '
            )
        )
        from unwind_internal.compiled_rows(statement, one) as r
    );
end
$$;

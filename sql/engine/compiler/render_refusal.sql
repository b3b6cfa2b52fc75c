-- Looks for rows that would be left dangling; the first one refuses the whole call.
create or replace function unwind_internal.render_refusal(statement unwind.plan_statements, one boolean)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        select '        ' || unwind_internal.render_select(
            format('unwind_internal.raise_dependents(%L, %s)', statement.target,
                case when one then 'array[run_id]' else 'run_ids' end),
            statement.target, r.sources, r.condition, E'\n        ', 'perform'
        ) || ';'
        from unwind_internal.compiled_rows(statement, one) as r
    );
end
$$;

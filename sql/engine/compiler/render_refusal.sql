-- Looks for rows that would be left dangling; the first one refuses the whole call.
create or replace function unwind_internal.render_refusal(statement unwind.plan_statements, one boolean)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select '        ' || unwind_internal.render_select(
        format('unwind_internal.raise_dependents(%L, %s)', t.target,
            case when one then 'array[run_id]' else 'run_ids' end),
        t.target, k.sources, k.condition, E'\n        ', 'perform'
    ) || ';'
    from (select (render_refusal.statement).*) as t
    cross join unwind_internal.compiled_rows(render_refusal.statement, one) as k
$$;

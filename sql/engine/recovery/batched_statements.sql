-- The statements of a step that touch rows, in the order of the plan.
create or replace function unwind_internal.batched_statements(workflow text, step text)
returns unwind.plan_statements []
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(array_agg(p order by p.ordinal), '{}')
    from unwind.plan_statements as p
    where p.workflow = batched_statements.workflow
        and p.step = batched_statements.step
        and p.action in ('set null', 'delete')
$$;

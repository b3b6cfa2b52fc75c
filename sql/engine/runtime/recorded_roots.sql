-- The roots of a step as the plan has them, or its custom compensation: what an entity key of the step stands for.
-- Errors: UW008.
create or replace function unwind_internal.recorded_roots(workflow text, step text)
returns unwind.plan_statements []
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_roots unwind.plan_statements [];
begin
    select array_agg(p order by p.ordinal) into v_roots
    from unwind.plan_statements as p
    where p.workflow = recorded_roots.workflow and p.step = recorded_roots.step and p.action in ('keys', 'call');
    if v_roots is null then
        perform unwind_internal.raise_step_not_defined(workflow, step);
    end if;
    return v_roots;
end
$$;

-- What the workflow's plan takes for granted still holds. Not for every undo, whose statements look by themselves
-- (as_planned), but where the plan is carried out by other means, or a statement has failed already: message.
-- Errors: UW009.
create or replace function unwind_internal.assert_workflow_as_planned(workflow text, message text default null)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_drift text [] := unwind_internal.workflow_drift(workflow);
begin
    if to_regproc(unwind_internal.function_name(workflow, 'one')) is null
        or to_regproc(unwind_internal.function_name(workflow, 'many')) is null
        or to_regproc(unwind_internal.function_name(workflow, 'record')) is null
    then
        v_drift := v_drift || 'a generated function of it is gone'::text;
    end if;
    if v_drift <> '{}' then
        perform unwind_internal.raise_stale(workflow, v_drift, message);
    end if;
end
$$;

-- Whether a recorded key is a value of the columns that it has by the plan; those of custom steps are.
-- It reads no run: it is asked where rows that a policy hides are an error, and runs of others are hidden.
create or replace function unwind_internal.is_readable(workflow text, step text, entity_key text [])
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_roots unwind.plan_statements [] := array(
        select p
        from unwind.plan_statements as p
        where p.workflow = is_readable.workflow and p.step = is_readable.step and p.action = 'keys'
    );
begin
    return unwind_internal.read_key(v_roots, entity_key) is not null or cardinality(v_roots) = 0;
end
$$;

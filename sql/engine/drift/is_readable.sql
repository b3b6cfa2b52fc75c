-- Whether a recorded key is a value of the columns that it has by the plan; those of custom steps are.
create or replace function unwind_internal.is_readable(run_id text, step text, entity_key text [])
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_roots unwind.plan_statements [] := array(
        select p
        from unwind.workflow_runs as r
        inner join unwind.plan_statements as p on p.workflow = r.workflow
        where r.id = is_readable.run_id and p.step = is_readable.step and p.action = 'keys'
    );
begin
    return unwind_internal.read_key(v_roots, entity_key) is not null or cardinality(v_roots) = 0;
end
$$;

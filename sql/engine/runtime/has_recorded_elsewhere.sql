-- Whether another step of the run has recorded the same entity of a root, neither undone nor released since.
create or replace function unwind_internal.has_recorded_elsewhere(
    run_id text, root unwind.plan_statements, entity_key text []
)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_key constant text [] := unwind_internal.owned_key(root, entity_key);
begin
    return exists (
        select from unwind.plan_statements as p
        inner join unwind_internal.ledger as l on l.run_id = has_recorded_elsewhere.run_id and l.step = p.step
        where p.workflow = root.workflow
            and p.action = 'keys'
            and p.step <> root.step
            and p.target = root.target
            and p.columns = root.columns
            and l.compensated_at is null
            and l.released_at is null
            and unwind_internal.owned_key(p, l.entity_key) = v_key
    );
end
$$;

-- Writes the recorded keys of a step as the key columns write them now; those that are no values of these columns
-- stay, and are left in key_moves.
create or replace function unwind_internal.read_keys_anew(workflow text, step text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_roots unwind.plan_statements [] := unwind_internal.present_roots(workflow, step);
begin
    insert into unwind_internal.key_moves (run_id, step, entity_key, new_key)
    select l.run_id, l.step, l.entity_key, coalesce(unwind_internal.read_key(v_roots, l.entity_key), '{}')
    from unwind_internal.ledger as l
    inner join unwind.workflow_runs as r on r.id = l.run_id
    where r.workflow = read_keys_anew.workflow and l.step = read_keys_anew.step;
    perform unwind_internal.move_keys();
end
$$;

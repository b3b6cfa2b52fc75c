-- Records that a step of the run made, or is about to make, the entity with this key. Holds the run's row
-- FOR KEY SHARE until the transaction ends, so no compensation can overtake the step; recording again what is
-- recorded changes nothing.
-- SECURITY DEFINER: nobody but the engine writes the ledger. So the caller must have the right to delete what it
-- names.
-- Errors: UW001, UW002, UW003, UW004, UW008, UW009; 42501 for a run of somebody else's, and for rows that the caller
-- may not delete.
create or replace function unwind.record_step(run_id text, step text, variadic entity_key text[])
returns void
language plpgsql
security definer
set enable_seqscan = off
as $$
declare
    v_status pg_catalog.text;
    v_workflow pg_catalog.text;
    v_claimed_by pg_catalog.text;
    v_key pg_catalog.text [];
begin
    select r.status, r.workflow, r.claimed_by into v_status, v_workflow, v_claimed_by
    from unwind.workflow_runs as r
    where r.id operator(pg_catalog.=) record_step.run_id and unwind_internal.may_act(r.started_by)
    for key share;
    if not found then
        perform unwind_internal.assert_may_act(run_id);
        perform unwind_internal.raise_run_not_found(run_id);
    end if;
    if v_status operator(pg_catalog.<>) 'RUNNING' then
        perform unwind_internal.raise_run_not_running(run_id, v_status);
    end if;
    if v_claimed_by operator(pg_catalog.<>) coalesce(unwind_internal.speaker(), '') then
        perform unwind_internal.raise_claim_lost(run_id, v_claimed_by);
    end if;
    perform unwind_internal.assert_may_delete(v_workflow, step);
    v_key := unwind_internal.own_entity(run_id, v_workflow, step, entity_key);
    insert into unwind_internal.ledger as s (run_id, step, entity_key)
    values (record_step.run_id, record_step.step, v_key)
    on conflict on constraint ledger_pkey do update
    set compensated_at = null, recorded_at = excluded.recorded_at
    where s.compensated_at is not null;
end
$$;
comment on function unwind.record_step(text, text, text []) is
'Records an entity key of a step, before or with its rows, in the same transaction as they. '
'Errors: UW001, UW002, UW003, UW004, UW008, UW009, 42501.';

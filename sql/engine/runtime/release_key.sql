-- The part of release_entity that writes the books, so SECURITY DEFINER; gives the key as the ledger has it.
-- Errors: UW001, UW002, UW006, UW008, UW009; 42501; P0002.
create or replace function unwind_internal.release_key(run_id text, step text, entity_key text [])
returns text []
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_run unwind.workflow_runs := unwind_internal.lock_run(run_id);
    v_roots unwind.plan_statements [];
    v_key text [];
begin
    if v_run.status <> all('{RUNNING,FAILED,COMPLETED}') then
        perform unwind_internal.raise_run_not_running(run_id, v_run.status);
    end if;
    perform unwind_internal.assert_unclaimed(v_run);
    v_roots := unwind_internal.recorded_roots(v_run.workflow, step);
    v_key := unwind_internal.common_key(v_roots, entity_key);
    perform unwind_internal.assert_may_delete(v_run.workflow, step, operator_ok => true);
    update unwind_internal.ledger as l
    set released_at = clock_timestamp(), released_by = unwind_internal.acting_role()
    where l.run_id = release_key.run_id and l.step = release_key.step and l.entity_key = v_key
        and l.compensated_at is null and l.released_at is null;
    if not found then
        perform unwind_internal.raise_not_recorded(run_id, step, v_key);
    end if;
    perform unwind_internal.disown_entity(run_id, v_roots, v_key);
    perform unwind_internal.try_again(run_id);
    perform unwind_internal.note_receipts(array[run_id]);
    insert into unwind_internal.receipts (run_id, kind, steps, tables, counts, compensated_by, login)
    select
        release_key.run_id, 'release', array_agg(release_key.step), array_agg(coalesce(r.target::text, r.sources)),
        array_agg(0),
        unwind_internal.acting_role(), session_user
    from unnest(v_roots) as r;
    perform unwind_internal.write_audit('released', run_id, step, v_key, null);
    return v_key;
end
$$;

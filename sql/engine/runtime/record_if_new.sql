-- For a step that upserts: records the entity as record_step does, unless its row is there already, and says whether it
-- did. A row that this transaction wrote is new; one that was there is kept from being deleted until the transaction
-- ends (FOR KEY SHARE), so that what the step goes on to write about it holds. True again for what this run has
-- recorded. A row that another run may yet undo is nothing to build on: UW004.
-- The caller's search_path stays, for it says which tables the caller means; so everything here is qualified.
-- SECURITY DEFINER, as record_step.
-- Errors: UW001, UW002, UW003, UW004, UW008, UW009; 42501 as record_step.
create or replace function unwind.record_if_new(run_id text, step text, variadic entity_key text [])
returns boolean
language plpgsql
security definer
set enable_seqscan = off
as $$
declare
    v_workflow pg_catalog.text;
    v_roots unwind.plan_statements [];
    v_key pg_catalog.text [];
begin
    if unwind_compiled.record(run_id, step, entity_key) then
        return true;
    end if;
    v_workflow := unwind_internal.hold_run(run_id, '{RUNNING}');
    v_roots := unwind_internal.recorded_roots(v_workflow, step);
    v_key := unwind_internal.common_key(v_roots, entity_key);
    perform unwind_internal.assert_may_delete(v_workflow, step);
    perform unwind_internal.assert_tables_meant(v_roots, pg_catalog.current_setting('search_path'));
    if not unwind_internal.is_recorded(run_id, step, v_key)
        and unwind_internal.keep_existing(run_id, v_roots, v_key)
    then
        return false;
    end if;
    perform unwind_internal.record_entity(run_id, v_roots, v_key);
    return true;
end
$$;
comment on function unwind.record_if_new(text, text, text []) is
'For upserts: records an entity key unless its row is there already, and says whether it did. '
'Errors: UW001, UW002, UW003, UW004, UW008, UW009, 42501.';

-- Records that a step of the run made, or is about to make, the entity with this key. Holds the run's row
-- FOR KEY SHARE until the transaction ends, so no compensation can overtake the step; recording again what is
-- recorded changes nothing. A key under which a row is there that this transaction did not write is refused, for to
-- undo the run would delete it.
-- The caller's search_path stays, for it says which tables the caller means; so everything here is qualified.
-- SECURITY DEFINER: nobody but the engine writes the ledger. So the caller must have the right to delete what it names.
-- Errors: UW001, UW002, UW003, UW004, UW008, UW009, UW017; 42501 for a run of somebody else's, and for rows that the
-- caller may not delete.
create or replace function unwind.record_step(run_id text, step text, variadic entity_key text [])
returns void
language plpgsql
security definer
set enable_seqscan = off
as $$
declare
    v_workflow pg_catalog.text;
    v_roots unwind.plan_statements [];
begin
    if unwind_compiled.record(run_id, step, entity_key) then
        return;
    end if;
    v_workflow := unwind_internal.hold_run(run_id, '{RUNNING}');
    v_roots := unwind_internal.recorded_roots(v_workflow, step);
    perform unwind_internal.assert_may_delete(v_workflow, step);
    perform unwind_internal.assert_tables_meant(v_roots, pg_catalog.current_setting('search_path'));
    perform unwind_internal.record_entity(run_id, v_roots, unwind_internal.common_key(v_roots, entity_key));
end
$$;
comment on function unwind.record_step(text, text, text []) is
'Records an entity key of a step, before its rows are written, in the same transaction as they; refuses a key whose '
'row is there already. Errors: UW001, UW002, UW003, UW004, UW008, UW009, UW017, 42501.';

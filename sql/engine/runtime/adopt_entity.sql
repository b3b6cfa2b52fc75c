-- Makes a row that is there already the run's, on purpose: for what an inner layer committed before its key was known,
-- or what a person knows to belong to the run. From now on it is undone with it. Also while the run is FAILED, and then
-- a sweep that had given it up tries again. What the run has recorded already stays as it is.
-- The caller's search_path stays, for it says which tables the caller means; so everything here is qualified.
-- SECURITY DEFINER, as record_step.
-- Errors: UW001, UW002, UW003, UW004, UW008, UW009; 42501 without the right to delete the row and what hangs below it;
-- P0002 where no row is there.
create or replace function unwind.adopt_entity(run_id text, step text, variadic entity_key text [])
returns void
language plpgsql
security definer
set enable_seqscan = off
as $$
declare
    v_workflow pg_catalog.text := unwind_internal.hold_run(run_id, '{RUNNING,FAILED}');
    v_roots unwind.plan_statements [] := unwind_internal.recorded_roots(v_workflow, step);
    v_key pg_catalog.text [] := unwind_internal.common_key(v_roots, entity_key);
begin
    perform unwind_internal.assert_tables_meant(v_roots, pg_catalog.current_setting('search_path'));
    perform unwind_internal.assert_may_delete(v_workflow, step, operator_ok => true);
    perform unwind_internal.own_entity(run_id, v_roots, v_key);
    if not unwind_internal.write_ledger(run_id, step, v_key) then
        return;
    end if;
    perform unwind_internal.assert_own_rows(run_id, v_roots, v_key, is_new => false);
    perform unwind_internal.assert_row_there(v_roots, v_key, run_id);
    perform unwind_internal.try_again(run_id);
    perform unwind_internal.write_audit('adopted', run_id, step, v_key, null);
end
$$;
comment on function unwind.adopt_entity(text, text, text []) is
'Makes a row that is there already the run''s, to be undone with it; written to unwind.audit_log. '
'Errors: UW001, UW002, UW003, UW004, UW008, UW009, 42501, P0002.';

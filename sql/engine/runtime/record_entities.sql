-- Records many entities of a step at once, each as record_step does, all or none; gives how many of the keys are new to
-- the run's ledger. An error names the first key that offends.
-- The caller's search_path stays, for it says which tables the caller means; so everything here is qualified.
-- SECURITY DEFINER, as record_step.
-- Errors: UW001, UW002, UW003, UW004, UW008, UW009, UW017; 42501 as record_step.
create or replace function unwind.record_entities(run_id text, step text, entity_keys text [])
returns bigint
language plpgsql
security definer
set enable_seqscan = off
as $$
declare
    v_workflow pg_catalog.text := unwind_internal.hold_run(run_id, '{RUNNING}');
    v_roots unwind.plan_statements [] := unwind_internal.recorded_roots(v_workflow, step);
begin
    perform unwind_internal.assert_may_delete(v_workflow, step);
    perform unwind_internal.assert_tables_meant(v_roots, pg_catalog.current_setting('search_path'));
    return unwind_internal.record_together(run_id, v_roots, unwind_internal.common_keys(v_roots, entity_keys));
end
$$;
comment on function unwind.record_entities(text, text, text []) is
'Records many entity keys of a step at once, all or none, before their rows are written; gives how many are new to the '
'run. {a,b} and {{a},{b}} are two keys of one column. Errors: UW001, UW002, UW003, UW004, UW008, UW009, UW017, 42501.';

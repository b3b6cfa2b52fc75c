-- Undoes those of the runs that are due together (undo_together), all in this transaction; those that cannot be undone
-- even so have their errors recorded.
-- The caller's search_path stays, for the user's triggers (see undo_workflow).
-- Errors: UW010; what ails the server rather than the run goes on (at_fault).
create or replace function unwind_internal.recover_together(
    run_ids text [], max_retries int, out recovered int, out failed int
)
language plpgsql
as $$
declare
    v_due pg_catalog.text [];
    v_failures pg_catalog.jsonb;
begin
    perform unwind_internal.assert_session();
    perform unwind_internal.bound_waiting();
    v_due := unwind_internal.lock_due_runs(run_ids, max_retries);
    v_failures := unwind_internal.undo_together(v_due);
    perform unwind_internal.note_failure(f.key, f.value, max_retries)
    from pg_catalog.jsonb_each(v_failures) as f (key, value);
    failed := (select pg_catalog.count(*) from pg_catalog.jsonb_each(v_failures) as f);
    recovered := pg_catalog.cardinality(v_due) operator(pg_catalog.-) failed;
end
$$;

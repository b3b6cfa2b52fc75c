-- Undoes the last live step of a run; the run keeps its status, and while it is RUNNING the step can be
-- recorded again. A step that is not live returns no row.
-- The caller's search_path stays, for the user's triggers (see undo_workflow).
-- Errors: UW001, UW002, UW003, UW007, UW008, UW009, UW010, UW012, UW020; 0A000 for a run with images, 42501 for
-- one of somebody else's.
create or replace function unwind.compensate_step(run_id text, step text)
returns setof unwind.receipt
language plpgsql
set enable_seqscan = off
as $$
declare
    v_run unwind.workflow_runs;
begin
    perform unwind_internal.assert_session();
    v_run := unwind_internal.lock_run(compensate_step.run_id);
    perform unwind_internal.assert_may_end(v_run, array['RUNNING', 'FAILED', 'COMPENSATING']);
    perform unwind_internal.refuse_images(v_run, 'step by step');
    perform unwind_internal.assert_last_live_step(v_run, step);
    return query select * from unwind_internal.undo_steps(v_run, array[step]);
end
$$;
comment on function unwind.compensate_step(text, text) is
'Undoes the last live step of a run and returns its receipts; the run keeps its status. '
'Errors: UW001, UW002, UW003, UW007, UW008, UW009, UW010, UW012, UW020, 0A000, 42501.';

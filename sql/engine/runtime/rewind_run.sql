-- Undoes every step after to_step, last first; the run stays RUNNING and can record those steps again. Steps that
-- it never recorded cost nothing.
-- The caller's search_path stays, for the user's triggers (see undo_workflow).
-- Errors: UW001, UW002, UW003, UW007, UW008, UW009, UW010, UW020; 0A000 for a run with images, 42501 for
-- one of somebody else's.
create or replace function unwind.rewind_run(run_id text, to_step text)
returns setof unwind.receipt
language plpgsql
set enable_seqscan = off
as $$
declare
    v_run unwind.workflow_runs;
    v_position int;
begin
    perform unwind_internal.assert_session();
    v_run := unwind_internal.lock_run(rewind_run.run_id);
    perform unwind_internal.assert_may_end(v_run, array['RUNNING']);
    perform unwind_internal.refuse_images(v_run, 'step by step');
    select s.position into v_position
    from unwind.workflow_steps as s
    where s.workflow operator(pg_catalog.=) v_run.workflow and s.step operator(pg_catalog.=) to_step;
    if not found then
        perform unwind_internal.raise_step_not_defined(v_run.workflow, to_step);
    end if;
    return query select * from unwind_internal.undo_steps(
        v_run,
        array(
            select s.step from unwind.workflow_steps as s
            where s.workflow operator(pg_catalog.=) v_run.workflow and s.position operator(pg_catalog.>) v_position
        )
    );
end
$$;
comment on function unwind.rewind_run(text, text) is
'Undoes every step of a RUNNING run after to_step and returns the receipts; the run goes on from there. '
'Errors: UW001, UW002, UW003, UW007, UW008, UW009, UW010, UW020, 0A000, 42501.';

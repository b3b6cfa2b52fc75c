-- Makes a run COMPENSATING, claimed by the worker who will undo it in batches: from here on nobody records a step.
-- How many rows are expected of each statement of the plan, by its ordinal (expect_progress); null where the run is
-- COMPENSATED already. What would refuse the undo refuses it now, before anything is deleted.
-- Errors: UW001, UW005, UW006, UW007, UW008, UW009, UW010; 0A000.
create or replace function unwind_internal.begin_batches(run_id text, force boolean, worker text)
returns bigint []
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_run unwind.workflow_runs;
begin
    perform unwind_internal.assert_session();
    perform unwind.act_as(worker);
    v_run := unwind_internal.lock_run(run_id);
    if v_run.status = 'COMPENSATED' then
        return null;
    end if;
    perform unwind_internal.assert_undoable(v_run, force);
    perform unwind_internal.refuse_images(v_run, 'in batches');
    perform unwind_internal.assert_workflow(v_run.workflow);
    perform unwind_internal.assert_workflow_as_planned(v_run.workflow);
    perform unwind_internal.raise_blocked(v_run.workflow, array[run_id]);
    perform unwind_internal.claim_for_batches(run_id, worker);
    return unwind_internal.expect_progress(v_run);
end
$$;

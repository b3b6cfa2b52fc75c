-- A part of an undo in batches: a batch of rows; without a statement the end of a stage, that is what
-- is left of its steps as compensate_run would undo them, with all its checks and the ledger; without a stage the end
-- of the run. In a workflow that looks again the steps stay live until then, for triggers of one step may write rows of
-- another: the end of the run is one more undo of all that it has undone. A custom step is not called again, so it is
-- marked at once. An error is not lost but given back, for the caller has to commit what went before, and a block that
-- catches cannot. So what is deferred to the commit is checked here.
-- The caller's search_path stays, for the user's triggers (see undo_workflow).
create or replace function unwind_internal.undo_part(
    run_id text, worker text, workflow text, stage int,
    statement unwind.plan_statements, batch text [], room bigint,
    out gone bigint, out failure jsonb
)
language plpgsql
as $$
declare
    v_message pg_catalog.text;
    v_detail pg_catalog.text;
    v_hint pg_catalog.text;
begin
    perform unwind_internal.keep_claim(run_id, worker);
    if statement.ordinal is not null then
        gone := unwind_internal.touch_batch(run_id, statement, batch, room);
    elsif stage is not null then
        perform unwind_internal.undo_workflow(
            undo_part.workflow, array[run_id], pg_catalog.array_agg(distinct p.step),
            marking => pg_catalog.bool_or(p.action operator(pg_catalog.=) 'call')
            or not unwind_internal.looks_again(undo_part.workflow)
        )
        from unwind.plan_statements as p
        where p.workflow operator(pg_catalog.=) undo_part.workflow and p.stage operator(pg_catalog.=) undo_part.stage;
        perform unwind_internal.count_stage(run_id);
    elsif unwind_internal.looks_again(workflow) then
        perform unwind_internal.undo_workflow(workflow, array[run_id]);
    else
        perform unwind_internal.mark_undone(array[run_id]);
    end if;
    set constraints all immediate;
exception
    when assert_failure or others then -- others alone leaves out a failed assert
        get stacked diagnostics
            v_message = message_text, v_detail = pg_exception_detail, v_hint = pg_exception_hint;
        failure := pg_catalog.jsonb_build_object(
            'sqlstate', sqlstate, 'message', v_message, 'detail', v_detail, 'hint', v_hint
        );
end
$$;

-- Takes the undos of runs back, each as a whole, the last one first. Those that are restored already are left alone.
-- The caller's search_path stays, for the user's triggers (see undo_workflow).
-- Errors: UW001, UW004, UW007, UW009, UW010, UW011, UW014, UW018, 55000, 55P03; 42501.
create or replace function unwind_internal.restore_together(run_ids text [], on_conflict text)
returns void
language plpgsql
set enable_seqscan = off
set jit = off
as $$
declare
    v_run unwind.workflow_runs;
    v_undone pg_catalog.text [] := '{}';
    v_undos bigint [];
    v_undo bigint;
begin
    perform unwind_internal.assert_session();
    if on_conflict operator(pg_catalog.=) 'refuse' is not true then
        perform unwind_internal.assert_choice(on_conflict);
    end if;
    for v_run in select r.* from unwind_internal.lock_runs(run_ids) as r loop
        if not unwind_internal.is_restored(v_run) then
            perform unwind_internal.assert_undone(v_run);
            v_undone := pg_catalog.array_append(v_undone, v_run.id);
        end if;
    end loop;
    v_undos := unwind_internal.undos_to_restore(v_undone);
    perform unwind_internal.own_again(v_undone);
    foreach v_undo in array v_undos loop
        perform unwind_internal.take_back_images(v_undo);
        perform unwind_internal.restore_undo(v_undo, on_conflict);
    end loop;
end
$$;

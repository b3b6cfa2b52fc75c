-- The run's row, locked against everything: waits for steps in flight (they hold it FOR KEY SHARE) and makes
-- later ones wait. Always the first lock that a call takes. Where it has to be waited for, it says for whom first.
-- SECURITY DEFINER: nobody but the engine writes runs, and a lock takes the right to. Nobody locks another's run.
-- Errors: UW001; 42501 for a run of somebody else's.
create or replace function unwind_internal.lock_run(run_id text)
returns unwind.workflow_runs
language plpgsql
security definer
set enable_seqscan = off
as $$
declare
    v_run unwind.workflow_runs;
begin
    if pg_catalog.current_setting('unwind.is_uncompiled', true) operator(pg_catalog.<>) '' then
        perform unwind_internal.compile_in_time();
    end if;
    select r.* into v_run
    from unwind.workflow_runs as r
    where r.id operator(pg_catalog.=) lock_run.run_id and unwind_internal.may_act(r.started_by)
    for update skip locked;
    if found then
        return v_run;
    end if;
    perform unwind_internal.tell_of_holders(array[run_id], 'waiting');
    select r.* into v_run
    from unwind.workflow_runs as r
    where r.id operator(pg_catalog.=) lock_run.run_id and unwind_internal.may_act(r.started_by)
    for update;
    if not found then
        perform unwind_internal.assert_may_act(run_id);
        perform unwind_internal.raise_run_not_found(run_id);
    end if;
    return v_run;
end
$$;

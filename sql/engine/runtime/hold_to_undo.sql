-- What compensate_run has to know of a run, whose row is then locked (see lock_run), and its keys that are to be
-- undone, for the function for one run. They are read by a statement of their own: that of the lock does not see what
-- steps in flight have recorded that ended before it had the lock. Doubtful is a run of which something may have to be
-- said.
-- SECURITY DEFINER: nobody but the engine reads the ledger, nor writes runs, to which a lock takes the right. Nobody
-- locks another's run, or reads its keys.
-- Errors: UW001; 42501 for a run of somebody else's.
create or replace function unwind_internal.hold_to_undo(run_id text)
returns unwind_internal.held_run
language plpgsql
security definer
set enable_seqscan = off
as $$
declare
    v_held unwind_internal.held_run;
begin
    if pg_catalog.current_setting('unwind.is_uncompiled', true) operator(pg_catalog.<>) '' then
        perform unwind_internal.compile_in_time();
    end if;
    loop
        select
            r.id, r.workflow, r.number, r.status,
            r.claimed_by is not null
            or r.status operator(pg_catalog.=) 'COMPLETED'
            or r.images_dropped_at is not null,
            r.has_receipts
        into
            v_held.run_id, v_held.workflow, v_held.number, v_held.status, v_held.is_doubtful, v_held.has_receipts
        from unwind.workflow_runs as r
        where r.id operator(pg_catalog.=) hold_to_undo.run_id and unwind_internal.may_act(r.started_by)
        for update skip locked;
        exit when found;
        perform unwind_internal.lock_run(run_id); -- waits for it, or says why not
    end loop;
    select
        pg_catalog.array_agg(l.step),
        pg_catalog.array_agg(row(l.entity_key)::unwind_internal.recorded_key)
    into v_held.steps, v_held.keys
    from unwind_internal.ledger as l
    where l.run_id operator(pg_catalog.=) hold_to_undo.run_id and l.compensated_at is null and l.released_at is null;
    return v_held;
end
$$;

-- What every function that writes what became of runs begins with, for it can be called by itself: the caller may act
-- on them, and their rows are locked; what only force lets go is kept in the audit log. So called alone it can at
-- worst misstate a run that this role might have undone.
-- For functions that run as the engine's owner.
-- Errors: 42501 for a run of somebody else's; UW002 where it is COMPENSATED, which is final.
create or replace function unwind_internal.open_books(run_ids text [])
returns void
language plpgsql
-- Pinned, for a plan over a table with policies is made anew whenever this setting is not as it was, and the generated
-- functions have it off.
set row_security = off
set plan_cache_mode = force_generic_plan
as $$
declare
    v_run unwind.workflow_runs;
begin
    -- Nearly always there is nothing to be said, which one query over all runs finds out.
    perform from (
        select unwind_internal.is_free(r) as is_free
        from unwind.workflow_runs as r
        where r.id operator(pg_catalog.=) any(run_ids)
        order by r.id
        for update
    ) as r
    where not r.is_free;
    if not found then
        return;
    end if;
    for v_run in
        select r.* from unwind.workflow_runs as r
        where r.id operator(pg_catalog.=) any(run_ids)
        order by r.id
        for update
    loop
        if not unwind_internal.may_act(v_run.started_by) then
            perform unwind_internal.assert_may_act(v_run.id);
        end if;
        if v_run.status operator(pg_catalog.=) 'COMPENSATED' then
            perform unwind_internal.raise_run_not_running(v_run.id, v_run.status);
        end if;
        if v_run.status operator(pg_catalog.=) 'COMPLETED'
            or (
                v_run.claimed_by operator(pg_catalog.<>) coalesce(unwind_internal.speaker(), '')
                and v_run.lease_expires_at operator(pg_catalog.>) unwind_internal.clock()
            )
        then
            perform unwind_internal.note_forced(v_run);
        end if;
    end loop;
end
$$;

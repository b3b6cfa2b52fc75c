-- The rows of many runs, locked in the order of their ids: see lock_run.
-- Errors: UW001; 42501 for a run of somebody else's.
create or replace function unwind_internal.lock_runs(run_ids text [])
returns setof unwind.workflow_runs
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
    v_runs unwind.workflow_runs [];
begin
    perform unwind_internal.compile_in_time();
    -- Nearly always nobody has any of them, and all are there.
    begin
        v_runs := array(
            select r
            from unwind.workflow_runs as r
            where r.id = any(run_ids) and unwind_internal.may_act(r.started_by)
            order by r.id
            for update nowait
        );
    exception
        when lock_not_available then -- and those before it are free again: whoever waits holds none out of turn
            v_runs := '{}';
    end;
    if cardinality(v_runs) = cardinality(run_ids) then
        return query select r.* from unnest(v_runs) as r;
        return;
    end if;
    -- Before the locks, not after: a run that started while they were waited for would be undone without one.
    perform unwind_internal.assert_may_act(i.id)
    from unnest(run_ids) as i (id)
    where not exists (
        select from unwind.workflow_runs as r where r.id = i.id and unwind_internal.may_act(r.started_by)
    );
    perform unwind_internal.tell_of_holders(run_ids, 'waiting');
    return query select r.* from unwind.workflow_runs as r where r.id = any(run_ids) order by r.id for update;
    perform unwind_internal.raise_run_not_found(i.id) -- purged while it was waited for
    from unnest(run_ids) as i (id)
    where not exists (select from unwind.workflow_runs as r where r.id = i.id);
end
$$;

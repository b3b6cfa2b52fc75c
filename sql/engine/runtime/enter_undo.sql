-- Makes what this transaction changes in captured tables from now on the undo of these runs, whose rows are locked, and
-- which are not COMPENSATED yet: it is kept under a negative number, that of the first of them. Gives the setting
-- unwind.run for it.
-- SECURITY DEFINER: nobody but the engine writes that; and it does for runs on which the caller may act.
create or replace function unwind_internal.enter_undo(numbers bigint [])
returns text
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
declare
    v_first bigint;
begin
    with undone as (
        insert into unwind_internal.restorable_runs as s (run, undone_with, members)
        select r.number, min(r.number) over (), count(*) over ()
        from unwind.workflow_runs as r
        where r.number = any(numbers) and r.status <> 'COMPENSATED' and unwind_internal.may_act(r.started_by)
        on conflict (run) do update
        set undone_with = excluded.undone_with, members = excluded.members, lost_tables = '{}'
        returning s.undone_with
    )

    select min(u.undone_with) into v_first from undone as u;
    if v_first is null then
        return '';
    end if;
    perform unwind_internal.note_entered(- v_first);
    return - v_first;
end
$$;

-- Makes what this transaction changes in captured tables from now on a part of an undo, whose images it takes back: so
-- they come to nothing, and the run can be undone again. Gives the setting unwind.run for it.
-- SECURITY DEFINER: nobody but the engine writes that; where the caller may act on the run that it names.
create or replace function unwind_internal.enter_restore(number bigint)
returns text
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform unwind_internal.note_entered(enter_restore.number)
    from unwind.workflow_runs as r
    where r.number = - enter_restore.number and unwind_internal.may_act(r.started_by);
    return number;
end
$$;

-- Makes what this transaction changes in captured tables from now on nobody's, though a bound role does it: an undo
-- that is taken back leaves no images (settle_images). Gives the setting unwind.run for it.
-- SECURITY DEFINER: nobody but the engine writes that; where the caller may act on the run that the number, negative,
-- names, and that is undone.
create or replace function unwind_internal.enter_restore(number bigint)
returns text
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform unwind_internal.note_entered(0)
    from unwind.workflow_runs as r
    where r.number = - enter_restore.number
        and r.status = 'COMPENSATED'
        and unwind_internal.may_act(r.started_by);
    return '0';
end
$$;

-- Whether this transaction undoes the run, or the undo of the run, that a negative number names. Only the engine writes
-- that down; the setting, from which the number comes, is anybody's to set.
-- SECURITY DEFINER: nobody but the engine reads it.
create or replace function unwind_internal.is_entered(run text)
returns boolean
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return exists (
        select from unwind_internal.entered_runs as e
        where e.xid = pg_current_xact_id_if_assigned() and e.run::text = is_entered.run and e.began_at = now()
    );
end
$$;

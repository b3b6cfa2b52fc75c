-- Whether a bound role that writes is inside a run. The setting is anybody's to set, so it is not believed, but what
-- enter_run wrote down.
-- SECURITY DEFINER: nobody but the engine reads or writes that.
-- Errors: UW015.
create or replace function unwind_internal.assert_entered(log_name text, run text)
returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform from unwind_internal.entered_runs as e
    where e.xid = pg_current_xact_id_if_assigned() and e.began_at = now() and e.run::text = assert_entered.run;
    if not found then
        perform unwind_internal.raise_outside_run(c.table_name)
        from unwind_internal.captured_tables as c
        where c.log_name = assert_entered.log_name;
    end if;
end
$$;

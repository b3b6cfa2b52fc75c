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
    if unwind_internal.is_entered(run) is not true then
        perform unwind_internal.raise_outside_run(c.table_name)
        from unwind_internal.captured_tables as c
        where c.log_name = assert_entered.log_name;
    end if;
end
$$;

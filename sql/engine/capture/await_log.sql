-- Waits for whoever is altering a log, and holds nothing of it afterwards.
create or replace function unwind_internal.await_log(log_name text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    execute format('lock table unwind_captured.%I in row exclusive mode', log_name);
    raise sqlstate 'ZZ000';
exception
    when sqlstate 'ZZ000' then
        return; -- the block lets go of it
end
$$;

-- Locks a log: to alter it, where its table was altered, else to write to it. Who waits to alter it keeps all others
-- from it, those too who come before him in his wait for a row. So whoever finds somebody else at it waits for him
-- alone, and looks again: mostly there is nothing left to do then.
create or replace function unwind_internal.lock_log(log_name text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    for v_try in 1..20 loop
        exit when unwind_internal.stale_table(log_name) is null;
        begin
            execute format('lock table unwind_captured.%I in access exclusive mode nowait', log_name);
            return;
        exception
            when lock_not_available then
                perform unwind_internal.await_log(log_name);
        end;
    end loop;
    execute format(
        'lock table unwind_captured.%I in %s mode', log_name,
        case when unwind_internal.stale_table(log_name) is null then 'row exclusive' else 'access exclusive' end
    );
end
$$;

-- A sweep waits for nobody long: five seconds for a lock, until the transaction ends; unless the session has a
-- lock_timeout of its own. What it could not have is left to the next sweep, and no try is counted (note_failure).
create or replace function unwind_internal.bound_waiting()
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
    select set_config('lock_timeout', '5s', true) where current_setting('lock_timeout') = '0'
$$;

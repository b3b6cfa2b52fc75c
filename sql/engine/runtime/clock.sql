-- The server's time. The setting unwind.now stands in for it, so that tests of leases need not sleep.
create or replace function unwind_internal.clock()
returns timestamptz
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(nullif(current_setting('unwind.now', true), '')::timestamptz, clock_timestamp())
$$;

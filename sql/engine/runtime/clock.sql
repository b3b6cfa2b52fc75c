-- The server's time. The setting unwind.now stands in for it, so that tests of leases need not sleep.
-- Without a search_path of its own PostgreSQL inlines it.
create or replace function unwind_internal.clock()
returns timestamptz
language sql
volatile
as $$
    select case
        when pg_catalog.current_setting('unwind.now', true) operator(pg_catalog.<>) ''
            then pg_catalog.current_setting('unwind.now', true)::pg_catalog.timestamptz
        else pg_catalog.clock_timestamp()
    end
$$;

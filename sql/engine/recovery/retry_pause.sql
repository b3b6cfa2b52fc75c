-- How long to wait after so many failed tries: 10 seconds, doubled each time, an hour at most; a quarter more or
-- less by chance, so that runs which failed together do not come back together.
create or replace function unwind_internal.retry_pause(tries int)
returns interval
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
    select least(interval '1 hour', interval '10 seconds' * 2 ^ (least(retry_pause.tries, 20) - 1))
        * (0.75 + random() / 2)
$$;

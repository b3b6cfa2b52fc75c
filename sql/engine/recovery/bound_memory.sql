-- For a query that makes batches: sorted, so that one batch is in memory at a time, whatever the planner would
-- rather do; until the transaction ends.
create or replace function unwind_internal.bound_memory()
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
    select from (select set_config('enable_hashagg', 'off', true), set_config('jit', 'off', true)) as s
$$;

-- An id that was a run's before, which was purged, is not used again: its receipts are there.
-- Errors: UW013.
create or replace function unwind_internal.assert_unused(run_id text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
    if exists (select from unwind_internal.receipts as c where c.run_id = assert_unused.run_id) then
        perform unwind_internal.raise_duplicate_run(run_id);
    end if;
end
$$;

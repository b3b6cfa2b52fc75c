-- Keeps with runs that stay live that they have receipts, which their next undo has to know; gives those runs.
-- For functions that run as the engine's owner; opens the books.
-- Errors: 42501; UW002 where a run is COMPENSATED already.
create or replace function unwind_internal.note_receipts(run_ids text [])
returns text []
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
    perform unwind_internal.open_books(run_ids);
    update unwind.workflow_runs as r set has_receipts = true where r.id = any(run_ids) and not r.has_receipts;
    return array(select r.id from unwind.workflow_runs as r where r.id = any(run_ids));
end
$$;

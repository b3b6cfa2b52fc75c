-- The last thing an undo of whole runs does: the status says it, and whoever reads COMPENSATED reads it with the
-- deletes.
-- SECURITY DEFINER, and looks by itself at who asks: see open_books.
-- Errors: 42501; UW002 where a run is COMPENSATED already.
create or replace function unwind_internal.mark_undone(run_ids text [])
returns void
language plpgsql
security definer
set plan_cache_mode = force_generic_plan
as $$
begin
    perform unwind_internal.open_books(run_ids);
    update unwind.workflow_runs as r
    set status = 'COMPENSATED', updated_at = pg_catalog.now(),
        claimed_by = null, claimed_at = null, lease_expires_at = null, retry_at = null, held_at = null
    where r.id operator(pg_catalog.=) any(run_ids);
end
$$;

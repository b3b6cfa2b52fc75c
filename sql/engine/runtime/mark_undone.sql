-- The last thing an undo does. Of whole runs the status says it: whoever reads COMPENSATED reads it with the deletes;
-- of single steps the ledger does.
-- SECURITY DEFINER, and looks by itself at who asks: see open_books.
-- Errors: 42501; UW002 where a run is COMPENSATED already.
create or replace function unwind_internal.mark_undone(run_ids text [], only_steps text [] default null)
returns void
language plpgsql
security definer
set plan_cache_mode = force_generic_plan
as $$
begin
    perform unwind_internal.open_books(run_ids);
    if only_steps is null then
        update unwind.workflow_runs as r
        set status = 'COMPENSATED', updated_at = pg_catalog.now(),
            claimed_by = null, claimed_at = null, lease_expires_at = null, retry_at = null
        where r.id operator(pg_catalog.=) any(run_ids);
    else
        update unwind_internal.ledger as l
        set compensated_at = pg_catalog.now()
        where l.run_id operator(pg_catalog.=) any(run_ids)
            and l.step operator(pg_catalog.=) any(only_steps)
            and l.compensated_at is null
            and l.released_at is null;
    end if;
end
$$;

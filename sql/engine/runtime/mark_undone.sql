-- The last thing an undo of whole runs does: the status says it, and whoever reads COMPENSATED reads it with the
-- deletes. Of one run the update asks by itself whether it may, and the books are opened only where it may not.
-- SECURITY DEFINER, and looks by itself at who asks: see open_books.
-- Errors: 42501; UW002 where a run is COMPENSATED already.
create or replace function unwind_internal.mark_undone(run_ids text [])
returns void
language plpgsql
security definer
set plan_cache_mode = force_generic_plan
as $$
begin
    for v_opened in least(pg_catalog.cardinality(run_ids) operator(pg_catalog.-) 1, 1)..1 loop
        if v_opened operator(pg_catalog.=) 1 then
            perform unwind_internal.open_books(run_ids);
        end if;
        update unwind.workflow_runs as r
        set status = 'COMPENSATED', updated_at = pg_catalog.now(),
            claimed_by = null, claimed_at = null, lease_expires_at = null, retry_at = null
        where r.id operator(pg_catalog.=) any(run_ids)
            and (v_opened operator(pg_catalog.=) 1 or unwind_internal.is_free(r));
        exit when found;
    end loop;
end
$$;

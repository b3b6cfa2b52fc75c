-- The last thing an undo of single steps does: the ledger says it.
-- SECURITY DEFINER, and looks by itself at who asks: see open_books.
-- Errors: 42501; UW002 where a run is COMPENSATED already.
create or replace function unwind_internal.mark_steps_undone(run_ids text [], steps text [])
returns void
language plpgsql
security definer
set plan_cache_mode = force_generic_plan
as $$
begin
    perform unwind_internal.open_books(run_ids);
    update unwind_internal.ledger as l
    set compensated_at = pg_catalog.now()
    where l.run_id operator(pg_catalog.=) any(run_ids)
        and l.step operator(pg_catalog.=) any(steps)
        and l.compensated_at is null
        and l.released_at is null;
end
$$;

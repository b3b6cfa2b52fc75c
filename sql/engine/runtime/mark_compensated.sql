-- The last thing a compensation does: whoever reads COMPENSATED reads it with the deletes.
create or replace function unwind_internal.mark_compensated(run_ids text [])
returns void
language plpgsql
set plan_cache_mode = force_generic_plan
as $$
begin
    update unwind.workflow_runs as r
    set status = 'COMPENSATED', updated_at = now(),
        claimed_by = null, claimed_at = null, lease_expires_at = null, retry_at = null
    where r.id = any(run_ids);
end
$$;

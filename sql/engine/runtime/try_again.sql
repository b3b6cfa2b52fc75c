-- A run that sweeps have paused or given up is tried again by the next: what stood in its way may be gone.
create or replace function unwind_internal.try_again(run_id text)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
    update unwind.workflow_runs as r
    set retry_at = null, updated_at = now()
    where r.id = try_again.run_id and r.retry_at is not null
$$;

-- The run's row, locked against everything: waits for steps in flight (they hold it FOR KEY SHARE) and makes
-- later ones wait. Always the first lock that a call takes.
-- Errors: UW001.
create or replace function unwind_internal.lock_run(run_id text)
returns unwind.workflow_runs
language plpgsql
set enable_seqscan = off
as $$
declare
    v_run unwind.workflow_runs;
begin
    select r.* into v_run from unwind.workflow_runs as r where r.id operator(pg_catalog.=) lock_run.run_id for update;
    if not found then
        perform unwind_internal.raise_run_not_found(run_id);
    end if;
    return v_run;
end
$$;

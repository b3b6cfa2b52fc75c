-- Errors: UW001.
create or replace function unwind_internal.run_status(run_id text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
    v_status text;
begin
    select r.status into v_status from unwind.workflow_runs as r where r.id = run_status.run_id;
    if not found then
        perform unwind_internal.raise_run_not_found(run_id);
    end if;
    return v_status;
end
$$;

-- A run that the caller sees.
-- Errors: UW001.
create or replace function unwind_internal.known_run(run_id text)
returns unwind.workflow_runs
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set row_security = on -- also where the caller has it off, to read its own tables whole or not at all
set enable_seqscan = off
as $$
declare
    v_run unwind.workflow_runs;
begin
    select r.* into v_run from unwind.workflow_runs as r where r.id = known_run.run_id;
    if not found then
        perform unwind_internal.raise_run_not_found(run_id);
    end if;
    return v_run;
end
$$;

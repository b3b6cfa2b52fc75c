-- What a step of the client begins with: the worker says who speaks, as by act_as, and the step's key is recorded, as
-- by record_step, which is left what needs a word said. For the client alone, and a procedure: CALL is neither planned
-- nor put through the executor, and one statement is less to read than two.
-- The caller's search_path stays, as in record_step.
-- SECURITY DEFINER, as record_step.
-- Errors: as record_step.
create or replace procedure unwind_internal.open_step(run_id text, worker text, step text, entity_key text [])
language plpgsql
security definer
set enable_seqscan = off
as $$
declare
    v_worker constant pg_catalog.text := pg_catalog.set_config('unwind.worker', worker, true);
begin
    if not unwind_compiled.record(run_id, step, entity_key) then
        perform unwind.record_step(run_id, step, variadic entity_key);
    end if;
end
$$;

-- Puts a key of a step into the ledger, or back into it where it was undone or released; false where it is live there
-- already.
create or replace function unwind_internal.write_ledger(run_id text, step text, entity_key text [])
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into unwind_internal.ledger as l (run_id, step, entity_key)
    values (write_ledger.run_id, write_ledger.step, write_ledger.entity_key)
    on conflict on constraint ledger_pkey do update
    set compensated_at = null, released_at = null, released_by = null, recorded_at = excluded.recorded_at
    where l.compensated_at is not null or l.released_at is not null;
    return found;
end
$$;

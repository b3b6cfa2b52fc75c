-- Whether the run has this key of a step in its ledger, neither undone nor released since.
create or replace function unwind_internal.is_recorded(run_id text, step text, entity_key text [])
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return exists (
        select from unwind_internal.ledger as l
        where l.run_id = is_recorded.run_id
            and l.step = is_recorded.step
            and l.entity_key = is_recorded.entity_key
            and l.compensated_at is null
            and l.released_at is null
    );
end
$$;

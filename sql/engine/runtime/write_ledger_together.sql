-- Puts keys of a step into the ledger, as write_ledger one; gives those that were not live there already.
create or replace function unwind_internal.write_ledger_together(run_id text, step text, keys text [])
returns text []
language sql
set search_path = pg_catalog, pg_temp
as $$
    with written as (
        insert into unwind_internal.ledger as l (run_id, step, entity_key)
        select write_ledger_together.run_id, write_ledger_together.step, k.entity_key::text []
        from unnest(keys) as k (entity_key)
        order by k.entity_key collate "C"
        on conflict on constraint ledger_pkey do update
        set compensated_at = null, released_at = null, released_by = null, recorded_at = excluded.recorded_at
        where l.compensated_at is not null or l.released_at is not null
        returning l.entity_key::text as entity_key
    )

    select array(select w.entity_key from written as w)
$$;

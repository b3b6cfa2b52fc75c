-- Makes the run the owner of entities that nobody owns, in every root, and puts their keys into the ledger: as it is
-- for nearly all, and in half the time that asking for conflicts takes. Rows in the order of their keys.
-- Errors: 23505, where a key is owned, or recorded by the run, already.
create or replace function unwind_internal.write_new_keys(run_id text, roots unwind.plan_statements [], keys text [])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_root unwind.plan_statements;
begin
    foreach v_root in array roots loop
        continue when v_root.action <> 'keys';
        insert into unwind.entity_owners (root_table, key_columns, entity_key, run_id)
        select v_root.target, v_root.columns, k.entity_key::text [], write_new_keys.run_id
        from unnest(unwind_internal.owned_keys(v_root, keys)) as k (entity_key)
        order by k.entity_key collate "C";
    end loop;
    insert into unwind_internal.ledger (run_id, step, entity_key)
    select write_new_keys.run_id, roots[1].step, k.entity_key::text []
    from unnest(keys) as k (entity_key)
    order by k.entity_key collate "C";
end
$$;

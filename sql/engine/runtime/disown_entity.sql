-- The run is not the owner of an entity any more, unless another of its steps has recorded the same.
create or replace function unwind_internal.disown_entity(
    run_id text, roots unwind.plan_statements [], entity_key text []
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_root unwind.plan_statements;
begin
    foreach v_root in array roots loop
        continue when v_root.action <> 'keys'
            or unwind_internal.has_recorded_elsewhere(run_id, v_root, entity_key);
        delete from unwind.entity_owners as o
        where o.run_id = disown_entity.run_id
            and o.root_table = v_root.target
            and o.key_columns = v_root.columns
            and o.entity_key = unwind_internal.owned_key(v_root, disown_entity.entity_key);
    end loop;
end
$$;

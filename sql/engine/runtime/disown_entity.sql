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
    v_key text [];
begin
    foreach v_root in array roots loop
        continue when v_root.action <> 'keys';
        v_key := unwind_internal.owned_key(v_root, entity_key);
        delete from unwind.entity_owners as o
        where o.run_id = disown_entity.run_id
            and o.root_table = v_root.target
            and o.key_columns = v_root.columns
            and o.entity_key = v_key
            and not exists (
                select from unwind.plan_statements as p
                inner join unwind_internal.ledger as l on l.run_id = disown_entity.run_id and l.step = p.step
                where p.workflow = v_root.workflow and p.action = 'keys' and p.target = v_root.target
                    and p.columns = v_root.columns
                    and l.compensated_at is null and l.released_at is null
                    and unwind_internal.owned_key(p, l.entity_key) = v_key
            );
    end loop;
end
$$;

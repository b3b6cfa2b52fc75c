-- Makes the run the owner of entities in one root, as take_ownership of one; gives the places of the keys whose
-- entities it does not own then.
create or replace function unwind_internal.take_ownership_together(
    run_id text, root unwind.plan_statements, keys text []
)
returns bigint []
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_owned constant text [] := unwind_internal.owned_keys(root, keys);
begin
    insert into unwind.entity_owners as o (root_table, key_columns, entity_key, run_id)
    select root.target, root.columns, k.entity_key::text [], take_ownership_together.run_id
    from (select distinct u.entity_key collate "C" from unnest(v_owned) as u (entity_key)) as k (entity_key)
    order by k.entity_key
    on conflict on constraint entity_owners_pkey do update
    set run_id = excluded.run_id
    where o.run_id <> excluded.run_id
        and exists (
            select from unwind.workflow_runs as r
            where r.id = o.run_id and r.status = 'COMPENSATED'
            for key share
        );
    return array(
        select k.place
        from unnest(v_owned) with ordinality as k (entity_key, place)
        where exists (
            select from unwind.entity_owners as o
            where o.root_table = root.target
                and o.key_columns = root.columns
                and o.entity_key = k.entity_key::text []
                and o.run_id <> take_ownership_together.run_id
        )
    );
end
$$;

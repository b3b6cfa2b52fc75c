-- Makes the run the owner of entities in one root; gives the places of the keys whose entities it does not own then.
create or replace function unwind_internal.take_ownership_together(
    run_id text, root unwind.plan_statements, keys text []
)
returns bigint []
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_owned text [] := keys;
    v_rows bigint;
begin
    if not (select bool_and(unwind_internal.is_plain_type(f.type)) from unnest(root.full_types) as f (type)) then
        v_owned := array(
            select unwind_internal.owned_key(root, k.entity_key::text [])::text
            from unnest(keys) with ordinality as k (entity_key, place)
            order by k.place
        );
    end if;
    insert into unwind.entity_owners as o (root_table, key_columns, entity_key, run_id)
    select distinct root.target, root.columns, k.entity_key::text [], take_ownership_together.run_id
    from unnest(v_owned) as k (entity_key)
    order by 3
    on conflict on constraint entity_owners_pkey do update
    set run_id = excluded.run_id
    where o.run_id = excluded.run_id
        or exists (
            select from unwind.workflow_runs as r where r.id = o.run_id and r.status = 'COMPENSATED'
        );
    get diagnostics v_rows = row_count;
    if v_rows = cardinality(keys) then
        return '{}';
    end if;
    return array(
        select k.place
        from unnest(v_owned) with ordinality as k (entity_key, place)
        where not exists (
            select from unwind.entity_owners as o
            where o.root_table = root.target
                and o.key_columns = root.columns
                and o.entity_key = k.entity_key::text []
                and o.run_id = take_ownership_together.run_id
        )
    );
end
$$;

-- Keys given together as unwind.entity_owners has them (owned_key), in the same places.
create or replace function unwind_internal.owned_keys(root unwind.plan_statements, keys text [])
returns text []
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if (select bool_and(unwind_internal.is_plain_type(f.type)) from unnest(root.full_types) as f (type)) then
        return keys;
    end if;
    return array(
        select unwind_internal.owned_key(root, k.entity_key::text [])::text
        from unnest(keys) with ordinality as k (entity_key, place)
        order by k.place
    );
end
$$;

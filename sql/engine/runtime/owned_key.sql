-- A recorded key as unwind.entity_owners has it: one for all keys that find the same row.
create or replace function unwind_internal.owned_key(root unwind.plan_statements, entity_key text [])
returns text []
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_value text;
    v_key text [] := '{}'::text [];
begin
    if root.full_types <@ array['text', 'character varying', 'integer', 'bigint', 'smallint', 'uuid'] then
        return entity_key; -- as canonical_key writes it
    end if;
    for i in 1..cardinality(entity_key) loop
        execute 'select '
            || unwind_internal.render_identity(root.target, root.columns[i], format('%s::%s',
                unwind_internal.render_reading('$1', root.types[i]), root.full_types[i]))
        into v_value
        using entity_key[i];
        v_key := v_key || v_value;
    end loop;
    return v_key;
end
$$;

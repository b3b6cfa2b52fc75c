-- The places of the keys under which a root has rows of which there is something to be said, maybe: rows that this
-- transaction did not write; or any, where rows of the table are owned by other columns too.
-- Errors: UW009, where the table has changed since the workflow was compiled; 42501, where the engine's owner may not
-- read the table.
create or replace function unwind_internal.find_doubtful(root unwind.plan_statements, keys text [])
returns bigint []
language plpgsql
set search_path = pg_catalog, pg_temp
set row_security = off
as $$
declare
    v_places bigint [];
begin
    if unwind_internal.is_foreign_table(root.target) then
        return '{}';
    end if;
    -- A value of a type of anybody's is read one by one (look_up).
    if (select bool_or(t.name::regtype::oid >= 16384) from unnest(root.types) as t (name)) then
        return array(select generate_series(1, cardinality(keys)));
    end if;
    execute format(
        'select array_agg(distinct k.place) '
        'from (select u.entity_key::text [], u.place from unnest($1) with ordinality as u (entity_key, place)) as k '
        'inner join %s as t on %s',
        root.target,
        unwind_internal.render_doubtful(root, 'k.entity_key')
    ) into v_places using keys;
    return coalesce(v_places, '{}');
exception
    when syntax_error_or_access_rule_violation then
        -- Which says it as record_step does.
        perform unwind_internal.look_up(root, keys[1]::text [], '', false);
        raise;
end
$$;

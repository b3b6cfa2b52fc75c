-- Makes the run the owner of an entity in every root table of the step; the key is a common_key.
-- Errors: UW004.
create or replace function unwind_internal.own_entity(run_id text, roots unwind.plan_statements [], entity_key text [])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_root unwind.plan_statements;
begin
    foreach v_root in array roots loop
        if v_root.action = 'keys' then
            perform unwind_internal.take_ownership(
                run_id, v_root.target, v_root.columns, unwind_internal.owned_key(v_root, entity_key)
            );
            perform unwind_internal.assert_root_as_planned(v_root);
        end if;
    end loop;
end
$$;

-- Makes the run the owner of an entity in every root table of the step; gives the key as the column types
-- write it, so that 07 and 7 are one integer key.
-- Errors: UW004, UW008, UW009.
create or replace function unwind_internal.own_entity(
    run_id text, workflow text, step text, entity_key text []
)
returns text []
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_root unwind.plan_statements;
    v_key text [];
    v_canonical text [];
begin
    for v_root in
        select p.*
        from unwind.plan_statements as p
        where p.workflow = own_entity.workflow and p.step = own_entity.step and p.action in ('keys', 'call')
        order by p.ordinal
    loop
        v_canonical := unwind_internal.canonical_key(v_root, entity_key);
        v_key := coalesce(v_key, v_canonical);
        if v_key <> v_canonical then
            perform unwind_internal.raise_ambiguous_key(v_root, v_key, v_canonical);
        end if;
        if v_root.action = 'keys' then
            perform unwind_internal.take_ownership(
                run_id, v_root.target, v_root.columns, unwind_internal.owned_key(v_root, v_key)
            );
            perform unwind_internal.assert_root_as_planned(v_root);
        end if;
    end loop;
    if v_key is null then
        perform unwind_internal.raise_step_not_defined(workflow, step);
    end if;
    return v_key;
end
$$;

-- Whether a row that this transaction did not write is there under a key, in any root; all such are locked against
-- being deleted.
-- Errors: UW004, where one belongs to another run that may yet be undone; UW009.
create or replace function unwind_internal.keep_existing(
    run_id text, roots unwind.plan_statements [], entity_key text []
)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_root unwind.plan_statements;
    v_versions text [];
    v_owners text [];
    v_owner text;
    v_existing boolean := false;
begin
    foreach v_root in array roots loop
        continue when v_root.action <> 'keys';
        select l.versions, l.owners into v_versions, v_owners
        from unwind_internal.look_up(v_root, entity_key, run_id, true) as l;
        continue when v_versions is null
            or not ('0' = any(v_versions) or unwind_internal.has_existing(v_versions))
            or unwind_internal.has_recorded_elsewhere(run_id, v_root, entity_key);
        v_existing := true;
        v_owners := v_owners || unwind_internal.other_owner(
            v_root.target, v_root.columns, unwind_internal.owned_key(v_root, entity_key), array[run_id]
        );
        select r.id into v_owner
        from unwind.workflow_runs as r
        where r.id = any(v_owners) and r.status <> 'COMPLETED'
        limit 1;
        if found then
            perform unwind_internal.raise_owned(v_root.target, v_root.columns, entity_key, v_owner, run_id);
        end if;
    end loop;
    return v_existing;
end
$$;

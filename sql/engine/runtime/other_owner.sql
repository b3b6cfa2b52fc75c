-- The run that owns an entity, where it is not COMPENSATED and not one of run_ids; null where there is none.
-- The only look into who owns what that an undo needs, so that the books need not be open to those who undo: security
-- definer. Called for every row that could be another's: without a path of its own, and qualified throughout.
create or replace function unwind_internal.other_owner(
    root_table regclass, key_columns text [], entity_key text [], run_ids text []
)
returns text
language plpgsql
stable
security definer
as $$
declare
    v_owner pg_catalog.text;
begin
    select o.run_id into v_owner
    from unwind.entity_owners as o
    inner join unwind.workflow_runs as r on r.id operator(pg_catalog.=) o.run_id
    where o.root_table operator(pg_catalog.=) other_owner.root_table
        and o.key_columns operator(pg_catalog.=) other_owner.key_columns
        and o.entity_key operator(pg_catalog.=) other_owner.entity_key
        and r.status operator(pg_catalog.<>) 'COMPENSATED'
        and o.run_id operator(pg_catalog.<>) all (other_owner.run_ids);
    return v_owner;
end
$$;

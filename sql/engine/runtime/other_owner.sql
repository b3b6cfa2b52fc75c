-- The run that owns an entity and is none of these; null: nobody. One that is COMPENSATED owns nothing.
-- SECURITY DEFINER: an application does not read who owns what, and has to be refused rows of others.
create or replace function unwind_internal.other_owner(
    root_table regclass, key_columns text [], entity_key text [], run_ids text []
)
returns text
language plpgsql
stable
security definer
as $$
begin
    return (
        select o.run_id
        from unwind.entity_owners as o
        inner join unwind.workflow_runs as r on r.id operator(pg_catalog.=) o.run_id
        where o.root_table operator(pg_catalog.=) other_owner.root_table
            and o.key_columns operator(pg_catalog.=) other_owner.key_columns
            and o.entity_key operator(pg_catalog.=) other_owner.entity_key
            and o.run_id operator(pg_catalog.<>) all(run_ids)
            and r.status operator(pg_catalog.<>) 'COMPENSATED'
    );
end
$$;

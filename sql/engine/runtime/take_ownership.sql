-- One row per entity says who owns it; the primary key decides between two runs at once. An owner that is COMPENSATED
-- has let go; its row is locked, for its undo could be taken back at the same time.
-- Errors: UW004.
create or replace function unwind_internal.take_ownership(
    run_id text, root_table regclass, key_columns text [], entity_key text []
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
    v_owner text;
begin
    insert into unwind.entity_owners as o (root_table, key_columns, entity_key, run_id)
    values (
        take_ownership.root_table, take_ownership.key_columns,
        take_ownership.entity_key, take_ownership.run_id
    )
    on conflict on constraint entity_owners_pkey do update
    set run_id = excluded.run_id
    where o.run_id = excluded.run_id
        or exists (
            select from unwind.workflow_runs as r
            where r.id = o.run_id and r.status = 'COMPENSATED'
            for key share
        );
    if found then
        return;
    end if;
    select o.run_id into v_owner
    from unwind.entity_owners as o
    where o.root_table = take_ownership.root_table
        and o.key_columns = take_ownership.key_columns
        and o.entity_key = take_ownership.entity_key;
    perform unwind_internal.raise_owned(root_table, key_columns, entity_key, v_owner, run_id);
end
$$;

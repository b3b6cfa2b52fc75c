-- Makes the owners of a table's entities anew from the ledger. Those of a broken root wait until it is mended, and
-- those of runs whose workflow was dropped stay: nothing says any more which of their steps was a root.
-- Errors: UW009 where an entity would belong to two runs.
create or replace function unwind_internal.own_anew(tbl regclass)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_twice record;
begin
    perform unwind_internal.lock_owners();
    delete from unwind.entity_owners as o
    using unwind.workflow_runs as w, unwind.step_roots as r
    where o.root_table = own_anew.tbl and w.id = o.run_id
        and r.workflow = w.workflow and r.root_table = o.root_table and unwind_internal.is_whole(r);
    insert into unwind.entity_owners (root_table, key_columns, entity_key, run_id)
    select distinct on (c.key_columns, c.entity_key) own_anew.tbl, c.key_columns, c.entity_key, c.run_id
    from unwind_internal.recorded_owners(tbl) as c
    order by c.key_columns, c.entity_key, c.holds desc, c.recorded_at desc
    on conflict on constraint entity_owners_pkey do nothing;
    perform unwind_internal.forget_dead_columns(tbl);
    select c.key_columns, c.entity_key, c.run_id, o.run_id as other_run_id into v_twice
    from unwind_internal.recorded_owners(tbl) as c
    inner join unwind.entity_owners as o
        on o.root_table = own_anew.tbl and o.key_columns = c.key_columns and o.entity_key = c.entity_key
    where c.holds and o.run_id <> c.run_id
    order by c.entity_key, c.run_id
    limit 1;
    if found then
        perform unwind_internal.raise_owned_twice(
            tbl, v_twice.key_columns, v_twice.entity_key, v_twice.run_id, v_twice.other_run_id
        );
    end if;
end
$$;

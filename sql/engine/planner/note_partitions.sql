-- Keeps which partitions the tables of a plan have, so that one is missed when it is detached; forgets those that were
-- dropped.
create or replace function unwind_internal.note_partitions(workflow text)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
    delete from unwind_internal.known_partitions as k
    where not exists (select from pg_class as c where c.oid = k.part)
        or not exists (select from pg_class as c where c.oid = k.target);
    insert into unwind_internal.known_partitions (target, part)
    select t.target, p.relid
    from unwind_internal.planned_tables as t
    cross join pg_partition_tree(t.target) as p
    where t.workflow = note_partitions.workflow and p.level > 0
    on conflict on constraint known_partitions_pkey do nothing;
$$;

-- Reads the foreign keys once for the planning of a workflow: each of its tables asks for them many times, and the
-- catalog has no index by which to find those that point at a table. What refers to a partitioned table refers to its
-- partitions too, where one of those is planned by itself.
create or replace function unwind_internal.read_links(workflow text)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
    insert into unwind_internal.plan_links (
        workflow, child_table, child_columns, parent_table, parent_columns, on_delete, set_columns
    )
    select
        read_links.workflow, f.child_table, f.child_columns, f.parent_table, f.parent_columns, f.on_delete,
        f.set_columns
    from unwind_internal.foreign_keys as f
    union all
    select
        read_links.workflow, f.child_table, f.child_columns, p.relid, f.parent_columns, f.on_delete,
        f.set_columns
    from unwind_internal.foreign_keys as f
    inner join pg_class as c on c.oid = f.parent_table and c.relkind = 'p'
    cross join pg_partition_tree(f.parent_table) as p
    where p.level > 0
$$;

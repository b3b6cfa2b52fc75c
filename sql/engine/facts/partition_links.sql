-- Foreign keys, real or declared, that stand on partitions and not on the whole table: by which table above, on which
-- of its partitions, and which others lack them. on_delete is the action that the whole table would be declared with;
-- what PostgreSQL clears by itself is cleared. Those that a link of the whole table covers are not among them.
create or replace function unwind_internal.partition_links()
returns table (
    root_table regclass,
    child_columns text [],
    parent_table regclass,
    parent_columns text [],
    on_delete text,
    set_columns text [],
    is_declared boolean,
    bearers regclass [],
    lacking regclass []
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with standing as materialized (
        select f.*, pg_partition_root(f.child_table) as root_table
        from unwind_internal.foreign_keys as f
        inner join pg_class as c on c.oid = f.child_table and c.relispartition
    ),

    links as (
        select
            s.root_table, s.child_columns, s.parent_table, s.parent_columns,
            array_agg(s.child_table order by not s.is_declared, s.child_table::text) as bearers
        from standing as s
        group by s.root_table, s.child_columns, s.parent_table, s.parent_columns
    )

    select
        l.root_table, l.child_columns, l.parent_table, l.parent_columns,
        case s.on_delete when 'left alone' then 'set null' else s.on_delete end,
        s.set_columns, s.is_declared, l.bearers,
        (
            select array_agg(t.relid order by t.relid::text)
            from pg_partition_tree(l.root_table) as t
            where t.isleaf
                and not exists (
                    select from pg_partition_ancestors(t.relid) as a where a.relid = any(l.bearers)
                )
        )
    from links as l
    inner join standing as s
        on s.child_table = l.bearers[1]
        and s.child_columns = l.child_columns
        and s.parent_table = l.parent_table
        and s.parent_columns = l.parent_columns
$$;

-- The foreign keys that point at a root table, or at a table whose rows go with it. Rows go with their parent where
-- the key cascades, and are taken to where nobody has said otherwise and they are part of their parent: the columns are
-- NOT NULL, so that the row cannot stay alone, or they are unique together with others, which tell the rows of one
-- parent apart. Those last ones are what has to be declared; and what stands on partitions alone, for the whole table:
-- standing says on which.
create or replace function unwind_internal.suggested_links(root_table regclass)
returns table (
    child_table regclass,
    child_columns text [],
    parent_table regclass,
    parent_columns text [],
    on_delete text,
    is_declared boolean,
    set_columns text [],
    goes_along boolean,
    standing text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with recursive found as materialized (
        select f.child_table, f.child_columns, f.parent_table, f.parent_columns, f.on_delete, f.is_declared,
            f.set_columns, f.child_table as bearer, null as standing
        from unwind_internal.foreign_keys as f
        inner join pg_class as c on c.oid = f.child_table and not c.relispartition
        union all
        select p.root_table, p.child_columns, p.parent_table, p.parent_columns, p.on_delete, p.is_declared,
            p.set_columns, p.bearers[1],
            format('-- %s (%s): %s, and %s. Declared for the whole table it counts for all:',
                p.root_table, array_to_string(p.child_columns, ', '),
                'the foreign key stands on ' || unwind_internal.some_names(p.bearers),
                coalesce(
                    'not on ' || unwind_internal.some_names(p.lacking), 'so on every partition, but not on new ones'
                ))
        from unwind_internal.partition_links() as p
    ),

    keys as materialized (
        select distinct
            f.child_table, f.child_columns, f.parent_table, f.parent_columns, f.on_delete, f.is_declared,
            f.set_columns, f.standing,
            not exists (
                select
                from pg_attribute as a
                where a.attrelid = f.bearer and a.attname = any(f.child_columns) and not a.attnotnull
            ) or exists (
                select
                from pg_index as i
                where i.indrelid = f.bearer
                    and i.indisunique
                    and i.indpred is null
                    and i.indnkeyatts > cardinality(f.child_columns)
                    and f.child_columns <@ array(
                        select a.attname::text
                        from pg_attribute as a
                        where a.attrelid = i.indrelid and a.attnum = any(i.indkey[0:i.indnkeyatts - 1])
                    )
            ) as is_part
        from found as f
    ),

    links as materialized (
        select
            k.child_table, k.child_columns, k.parent_table, k.parent_columns, k.on_delete, k.is_declared, k.set_columns,
            k.on_delete = 'cascade' or (k.on_delete = 'restrict' and not k.is_declared and k.is_part) as goes_along,
            k.standing
        from keys as k
    ),

    reached (name) as (
        select suggested_links.root_table
        union
        select l.child_table
        from reached
        inner join links as l on l.parent_table = reached.name
        where l.goes_along
    )

    select l.*
    from links as l
    inner join reached as r on r.name = l.parent_table
$$;

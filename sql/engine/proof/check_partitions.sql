-- Links that stand on some partitions of a table while others have the same columns and no link: rows of those would
-- stay and refer to what is gone. And declarations for a partition that one for the whole table has made void.
create or replace function unwind_internal.check_partitions(workflow text)
returns table (severity text, code text, object text, message text, fix text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with planned as (
        select distinct w.target from unwind_internal.plan_ways as w where w.workflow = check_partitions.workflow
    )

    select
        'warning',
        'partition_link',
        p.root_table::text,
        format('%s (%s) refers to %s by a link of its own, and %s %s none: rows there would stay',
            unwind_internal.some_names(p.bearers), array_to_string(p.child_columns, ', '), p.parent_table,
            unwind_internal.some_names(p.lacking), case when cardinality(p.lacking) = 1 then 'has' else 'have' end),
        case
            when p.on_delete = 'restrict' and not p.is_declared
                then unwind_internal.render_declared_link(
                    p.root_table, p.child_columns, p.parent_table, p.parent_columns
                ) || ' -- or ''restrict'', if they should block'
            else unwind_internal.render_declared_link(
                p.root_table, p.child_columns, p.parent_table, p.parent_columns,
                unwind_internal.render_on_delete(p.on_delete, p.set_columns, p.child_columns)
            )
        end
    from unwind_internal.partition_links() as p
    where p.lacking is not null and p.parent_table in (select n.target from planned as n)
    union all
    select
        'warning',
        'partition_link',
        l.child_table::text,
        format('what was declared for %s (%s) does not count: %s has a foreign key to %s on the same columns',
            l.child_table, array_to_string(l.child_columns, ', '), pg_partition_root(l.child_table), l.parent_table),
        format('select unwind.drop_foreign_key(%L, %L, %L, %L);',
            l.child_table, l.child_columns, l.parent_table, l.parent_columns)
    from unwind.logical_foreign_keys as l
    inner join pg_class as c on c.oid = l.child_table and c.relispartition
    where l.parent_table in (select n.target from planned as n)
        and not exists (
            select from unwind_internal.foreign_keys as f
            where f.child_table = l.child_table
                and f.parent_table = l.parent_table
                and f.child_columns || f.parent_columns
                    = unwind_internal.link_columns(l.child_columns, l.parent_columns)
        )
    order by 3, 4
$$;

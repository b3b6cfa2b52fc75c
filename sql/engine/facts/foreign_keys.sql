-- Every foreign key as the planner sees it. A declared link overrides the action of a real one on the same
-- columns, whatever order either names them in. One whose table was dropped links nothing any more. What stands on a
-- partition alone is folded into a link of the table above it on the same columns: that one finds those rows too.
-- Where a key is NOT ENFORCED (PostgreSQL 18), PostgreSQL clears nothing: its SET NULL is ours, its SET DEFAULT only
-- refers.
create or replace view unwind_internal.foreign_keys as
with constraints as (
    select
        c.conrelid::regclass as child_table,
        c.confrelid::regclass as parent_table,
        case
            when c.confdeltype = 'c' then 'cascade'
            when c.confdeltype not in ('n', 'd') then 'restrict'
            -- A column that older servers do not have.
            when (to_jsonb(c) ->> 'conenforced')::boolean is not false then 'left alone'
            when c.confdeltype = 'n' then 'set null'
            else 'restrict'
        end as on_delete,
        c.conname::text as constraint_name,
        k.child_columns,
        k.parent_columns,
        k.set_columns
    from pg_catalog.pg_constraint as c
    cross join lateral (
        select
            array_agg(ca.attname::text order by ca.attname) as child_columns,
            array_agg(pa.attname::text order by ca.attname) as parent_columns,
            array_agg(ca.attname::text order by ca.attname) filter (
                where c.confdeltype in ('n', 'd')
                    and ca.attnum = any(coalesce(c.confdelsetcols, c.conkey))
            ) as set_columns
        from unnest(c.conkey, c.confkey) as u (child, parent)
        inner join pg_catalog.pg_attribute as ca
            on c.conrelid = ca.attrelid and u.child = ca.attnum
        inner join pg_catalog.pg_attribute as pa
            on c.confrelid = pa.attrelid and u.parent = pa.attnum
    ) as k
    where c.contype = 'f' and c.conparentid = 0
),

declared as (
    select l.child_table, l.parent_table, l.on_delete, l.set_columns, k.child_columns, k.parent_columns
    from unwind.logical_foreign_keys as l
    cross join lateral (
        select
            array_agg(u.child order by u.child collate "C") as child_columns,
            array_agg(u.parent order by u.child collate "C") as parent_columns
        from unnest(l.child_columns, l.parent_columns) as u (child, parent)
    ) as k
    where exists (select from pg_catalog.pg_class as c where c.oid = l.child_table)
        and exists (select from pg_catalog.pg_class as c where c.oid = l.parent_table)
),

links as (
    select
        coalesce(d.child_table, c.child_table) as child_table,
        coalesce(d.child_columns, c.child_columns) as child_columns,
        coalesce(d.parent_table, c.parent_table) as parent_table,
        coalesce(d.parent_columns, c.parent_columns) as parent_columns,
        coalesce(d.on_delete, c.on_delete) as on_delete,
        c.constraint_name,
        d.child_table is not null as is_declared,
        coalesce(d.set_columns, c.set_columns) as set_columns
    from declared as d
    full join constraints as c
        on d.child_table = c.child_table
        and d.parent_table = c.parent_table
        and d.child_columns = c.child_columns
        and d.parent_columns = c.parent_columns
),

whole as materialized (
    select l.*
    from links as l
    inner join pg_catalog.pg_class as c on l.child_table = c.oid and c.relkind = 'p'
),

folded as materialized (
    select l.child_table, l.child_columns, l.parent_table, l.parent_columns, l.set_columns, u.child_table as onto
    from pg_catalog.pg_class as c
    inner join links as l on c.oid = l.child_table
    cross join lateral pg_partition_ancestors(c.oid) as a
    inner join whole as u
        on a.relid = u.child_table
        and l.parent_table = u.parent_table
        and l.child_columns = u.child_columns
        and l.parent_columns = u.parent_columns
    where c.relispartition and l.child_table <> u.child_table
)

select
    l.child_table,
    l.child_columns,
    l.parent_table,
    l.parent_columns,
    l.on_delete,
    l.constraint_name,
    l.is_declared,
    case
        when l.on_delete = 'left alone' then l.set_columns
        when l.on_delete = 'set null' then coalesce(l.set_columns, (
            select f.set_columns
            from folded as f
            where f.onto = l.child_table
                and f.parent_table = l.parent_table
                and f.child_columns = l.child_columns
                and f.parent_columns = l.parent_columns
                and f.set_columns is not null
            order by cardinality(f.set_columns), f.child_table
            limit 1
        ), l.child_columns)
    end as set_columns
from links as l
where not exists (
    select
    from folded as f
    where f.child_table = l.child_table
        and f.parent_table = l.parent_table
        and f.child_columns = l.child_columns
        and f.parent_columns = l.parent_columns
);
comment on view unwind_internal.foreign_keys is
'Real and declared foreign keys with the action that counts; left alone: PostgreSQL''s own SET NULL or DEFAULT.';
comment on column unwind_internal.foreign_keys.set_columns is
'The columns that are cleared, or set to their default, where the parent goes: those that were declared, else those of '
'the real key, else all; null for other actions.';

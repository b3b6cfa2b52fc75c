-- Every foreign key as the planner sees it. A declared link overrides the action of a real one on the same
-- columns, whatever order either names them in. One whose table was dropped links nothing any more.
create or replace view unwind_internal.foreign_keys as
with constraints as (
    select
        c.conrelid::regclass as child_table,
        c.confrelid::regclass as parent_table,
        case c.confdeltype
            when 'c' then 'cascade' when 'n' then 'left alone' when 'd' then 'left alone' else 'restrict'
        end as on_delete,
        c.conname::text as constraint_name,
        k.child_columns,
        k.parent_columns
    from pg_catalog.pg_constraint as c
    cross join lateral (
        select
            array_agg(ca.attname::text order by ca.attname) as child_columns,
            array_agg(pa.attname::text order by ca.attname) as parent_columns
        from unnest(c.conkey, c.confkey) as u (child, parent)
        inner join pg_catalog.pg_attribute as ca on c.conrelid = ca.attrelid and u.child = ca.attnum
        inner join pg_catalog.pg_attribute as pa on c.confrelid = pa.attrelid and u.parent = pa.attnum
    ) as k
    where c.contype = 'f' and c.conparentid = 0
),

declared as (
    select l.child_table, l.parent_table, l.on_delete, k.child_columns, k.parent_columns
    from unwind.logical_foreign_keys as l
    cross join lateral (
        select
            array_agg(u.child order by u.child) as child_columns,
            array_agg(u.parent order by u.child) as parent_columns
        from unnest(l.child_columns, l.parent_columns) as u (child, parent)
    ) as k
    where exists (select from pg_catalog.pg_class as c where c.oid = l.child_table)
        and exists (select from pg_catalog.pg_class as c where c.oid = l.parent_table)
)

select
    coalesce(d.child_table, c.child_table) as child_table,
    coalesce(d.child_columns, c.child_columns) as child_columns,
    coalesce(d.parent_table, c.parent_table) as parent_table,
    coalesce(d.parent_columns, c.parent_columns) as parent_columns,
    coalesce(d.on_delete, c.on_delete) as on_delete,
    c.constraint_name,
    d.child_table is not null as is_declared
from declared as d
full join constraints as c
    on d.child_table = c.child_table
    and d.parent_table = c.parent_table
    and d.child_columns = c.child_columns
    and d.parent_columns = c.parent_columns;
comment on view unwind_internal.foreign_keys is
'Real and declared foreign keys with the action that counts; left alone: PostgreSQL''s own SET NULL or DEFAULT.';

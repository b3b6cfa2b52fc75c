-- Columns that are cleared, or set to their default, where rows of the plan go: by a declared set null, or by
-- PostgreSQL through a real foreign key that no declaration overrides. fallback: the default, where it has one, and
-- whether that is a constant.
create or replace function unwind_internal.cleared_columns(workflow text)
returns table (
    child_table regclass, column_name text, parent_table regclass, parent_column text, is_not_null boolean,
    fallback text, is_constant boolean
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with links as (
        select
            f.child_table, u.child, f.parent_table, u.parent, coalesce(c.confdeltype = 'd', false) as to_default
        from unwind_internal.foreign_keys as f
        left join pg_constraint as c
            on c.conrelid = f.child_table and c.conname = f.constraint_name and f.on_delete = 'left alone'
        cross join unnest(f.child_columns, f.parent_columns) as u (child, parent)
        where u.child = any(f.set_columns)
    )

    select l.child_table, l.child, l.parent_table, l.parent, a.attnotnull,
        case when l.to_default then pg_get_expr(d.adbin, d.adrelid) end,
        unwind_internal.is_constant(d.adbin)
    from links as l
    inner join pg_attribute as a on a.attrelid = l.child_table and a.attname = l.child
    left join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where l.parent_table in (
        select w.target from unwind_internal.plan_ways as w where w.workflow = cleared_columns.workflow
    )
$$;

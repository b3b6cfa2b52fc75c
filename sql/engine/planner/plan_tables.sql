-- Keeps what the plan takes for granted of each table that it names: its name, the columns it uses and their types,
-- the real foreign keys that point at it, and whether the workflow looks again. See table_drift.
create or replace function unwind_internal.plan_tables(workflow text)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
    with used (target, name, is_key) as (
        select p.target, c.name, p.action = 'keys'
        from unwind.plan_statements as p
        cross join unnest(p.columns) as c (name)
        where p.workflow = plan_tables.workflow
        union
        select w.target, c.name, false
        from unwind_internal.plan_ways as w
        cross join unnest(w.columns) as c (name)
        where w.workflow = plan_tables.workflow
        union
        select p.target, c.name, false
        from unwind_internal.plan_ways as w
        inner join unwind_internal.plan_ways as p on p.workflow = w.workflow and p.way = w.parent_way
        cross join unnest(w.parent_columns) as c (name)
        where w.workflow = plan_tables.workflow
        union
        -- Of a link to clear, the statement names only the columns that it clears.
        select p.target, c.name, false
        from unwind.plan_statements as p
        inner join unwind_internal.plan_links as f on f.workflow = p.workflow and f.child_table = p.target
        cross join unnest(f.child_columns) as c (name)
        where p.workflow = plan_tables.workflow
            and p.action = 'set null'
            and f.on_delete = 'set null'
            and f.parent_table in (
                select w.target from unwind_internal.plan_ways as w where w.workflow = plan_tables.workflow
            )
    ),

    tables as (
        select
            p.target,
            bool_or(p.action = 'delete') as is_deleted,
            unwind_internal.looks_again(plan_tables.workflow) as is_rechecked
        from unwind.plan_statements as p
        where p.workflow = plan_tables.workflow and p.target is not null
        group by p.target
    ),

    facts as materialized (
        select
            t.target,
            t.target::text as table_name,
            coalesce(c.columns, '{}') as columns,
            coalesce(c.types, '{}') as types,
            coalesce(c.numbers, '{}') as numbers,
            coalesce(c.key_types, '{}') as key_types,
            case
                when t.is_deleted then array(
                    select k.line from unwind_internal.real_keys(t.target) as k order by k.line
                )
            end as real_keys,
            t.is_rechecked
        from tables as t
        left join (
            select
                u.target,
                array_agg(u.name order by u.name) as columns,
                array_agg(unwind_internal.column_type(u.target, u.name) order by u.name) as types,
                array_agg(a.attnum order by u.name) as numbers,
                array_agg(
                    case when u.is_key then unwind_internal.full_type(u.target, u.name) end order by u.name
                ) as key_types
            from (select n.target, n.name, bool_or(n.is_key) as is_key from used as n group by n.target, n.name) as u
            inner join pg_attribute as a on a.attrelid = u.target and a.attname = u.name
            group by u.target
        ) as c on c.target = t.target
    )

    insert into unwind_internal.planned_tables (
        workflow, target, target_oid, table_name, columns, types, numbers, key_types, real_keys, is_rechecked, digest
    )
    select
        plan_tables.workflow, f.target, f.target as target_oid, f.table_name, f.columns, f.types, f.numbers,
        f.key_types, f.real_keys, f.is_rechecked,
        -- Without the numbers, which a restored dump may change.
        md5(row(f.table_name, f.columns, f.types, f.key_types, f.real_keys, f.is_rechecked)::text)
    from facts as f
$$;

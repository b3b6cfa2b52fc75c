-- Real foreign keys that point into the plan from tables it does not delete from: while such a table has rows
-- that refer to a run's, undoing the run is refused. What stands on a partition is covered for the whole table.
create or replace function unwind_internal.check_inbound(workflow text)
returns table (severity text, code text, object text, message text, fix text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with planned as (
        select distinct w.target from unwind_internal.plan_ways as w where w.workflow = check_inbound.workflow
    )

    select
        'warning',
        'uncovered_foreign_key',
        f.child_table::text,
        format('constraint %I refers to %s, and no step deletes from %s: its rows would block a compensation',
            f.constraint_name, f.parent_table, f.child_table),
        format('select unwind.declare_foreign_key(%L, %L, %L, %L, ''cascade''); '
            '-- or ''restrict'', if they should block',
            coalesce(pg_partition_root(f.child_table), f.child_table),
            f.child_columns, f.parent_table, f.parent_columns)
    from unwind_internal.foreign_keys as f
    where f.parent_table in (select p.target from planned as p)
        and f.child_table not in (select p.target from planned as p)
        and f.on_delete = 'restrict'
        and not f.is_declared
    order by f.child_table::text, f.constraint_name
$$;

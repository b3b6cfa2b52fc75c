-- Tables whose rows are kept elsewhere, though by no foreign table: what an undo does not do for them, and foreign keys
-- for which it is refused, for rows in a cycle can only go one after the other there.
create or replace function unwind_internal.check_elsewhere(workflow text)
returns table (severity text, code text, object text, message text, fix text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with tables as (
        select p.target,
            (
                select min(s.component) from unwind.plan_statements as s
                where s.workflow = p.workflow and s.target = p.target
            ) as component
        from unwind_internal.planned_tables as p
        where p.workflow = check_elsewhere.workflow
            and unwind_internal.is_kept_elsewhere(p.target)
            and not unwind_internal.is_foreign(p.target)
    )

    select 'warning', 'distributed_table', t.target::text,
        format('rows of %s are kept elsewhere: not locked before they go, and never in batches', t.target),
        '-- let no step write there while a run is undone'
    from tables as t
    union all
    select 'error', 'distributed_table', f.child_table::text,
        format('foreign key %I refers to %s in a cycle, and rows kept elsewhere go one after the other',
            f.constraint_name, f.parent_table),
        format('alter table %1$s drop constraint %2$I; '
            'select unwind.declare_foreign_key(%1$L, %3$L, %4$L, %5$L, %6$L); '
            'select unwind.compile_workflow(%7$L);', f.child_table, f.constraint_name, f.child_columns, f.parent_table,
            f.parent_columns, f.on_delete, check_elsewhere.workflow)
    from tables as t
    inner join unwind_internal.foreign_keys as f on f.child_table = t.target
    inner join tables as o on o.target = f.parent_table and o.component = t.component
    where f.constraint_name is not null
    order by 3, 4
$$;

-- Columns that generated statements look rows up by and that no index leads with. A foreign table's are elsewhere.
create or replace function unwind_internal.check_indexes(workflow text)
returns table (severity text, code text, object text, message text, fix text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with lookups (tbl, columns, reason) as (
        select r.root_table, r.key_columns, format('the key of step %L', r.step)
        from unwind.step_roots as r
        where r.workflow = check_indexes.workflow
        union
        select f.child_table, f.child_columns, format('the link to %s', f.parent_table)
        from unwind_internal.foreign_keys as f
        where f.on_delete <> 'left alone'
            and f.parent_table in (
                select w.target from unwind_internal.plan_ways as w where w.workflow = check_indexes.workflow
            )
    )

    select
        'warning',
        'missing_index',
        format('%s(%s)', l.tbl, array_to_string(l.columns, ', ')),
        format('no index starts with (%s), %s: every compensation reads all of %s',
            array_to_string(l.columns, ', '), l.reason, l.tbl),
        unwind_internal.render_index(l.tbl, l.columns)
    from lookups as l
    inner join pg_class as c on c.oid = l.tbl and c.relkind <> 'f'
    where not unwind_internal.has_index(l.tbl, l.columns)
    order by 3
$$;

-- Foreign keys of captured tables that may keep an undo from being exact, or from being done, or make it slow.
create or replace function unwind_internal.check_captured_links()
returns table (severity text, code text, object text, message text, fix text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with links as materialized (
        select
            quote_ident(f.conname) as name, f.conrelid::regclass as child, f.confrelid::regclass as parent,
            f.confdeltype in ('c', 'n', 'd') or f.confupdtype in ('c', 'n', 'd') as drags,
            f.confdeltype <> 'a' as is_strict, k.columns,
            exists (
                select from unwind_internal.all_captured() as c
                where c.table_name = coalesce(pg_partition_root(f.conrelid), f.conrelid::regclass)
            ) as has_child,
            exists (
                select from unwind_internal.all_captured() as c
                where c.table_name = coalesce(pg_partition_root(f.confrelid), f.confrelid::regclass)
            ) as has_parent
        from pg_constraint as f
        cross join lateral (
            select array_agg(a.attname::text order by u.n) as columns
            from unnest(f.conkey) with ordinality as u (number, n)
            inner join pg_attribute as a on a.attrelid = f.conrelid and a.attnum = u.number
        ) as k
        where f.contype = 'f' and f.conparentid = 0
    )

    select
        case when l.drags and l.has_parent then 'error' else 'warning' end,
        case when l.drags and l.has_parent then 'uncaptured_cascade' else 'uncaptured_link' end,
        l.child::text,
        case
            when l.drags and l.has_parent then format(
                '%s of %s, which is not captured, takes rows along with those of %s, or clears them: these stay '
                'changed', l.name, l.child, l.parent
            )
            else format('%s leads from %s to %s, and only one of them is captured: rows of the other may be in an '
                'undo''s way', l.name, l.child, l.parent)
        end,
        format('select unwind.capture_table(%L);', case when l.has_parent then l.child else l.parent end)
    from links as l
    where l.has_child <> l.has_parent
    union all
    select
        'warning', 'missing_index', format('%s(%s)', l.child, array_to_string(l.columns, ', ')),
        format('no index starts with (%s), the columns of %s: each row of %s that an undo deletes has it read all '
            'of %s', array_to_string(l.columns, ', '), l.name, l.parent, l.child),
        unwind_internal.render_index(l.child, l.columns)
    from links as l
    where l.has_parent and not unwind_internal.has_index(l.child, l.columns)
    union all
    select
        'warning', 'fixed_unique', l.parent::text,
        format('rows of %s cannot be undone that have exchanged their values of %s: %s refers to it by %s', l.parent,
            u.names, l.child, l.name),
        'a foreign key with ON DELETE NO ACTION'
    from links as l
    cross join lateral (
        select string_agg(i.indexrelid::regclass::text, ', ' order by i.indexrelid::regclass::text) as names
        from pg_index as i
        where i.indrelid = l.parent and i.indisunique and not i.indisprimary
    ) as u
    where l.has_parent and l.is_strict and u.names is not null
$$;

-- Foreign keys by which PostgreSQL itself changes rows when rows of a captured table go, or lose the values referred
-- to: those that cascade, or clear. child_place: where the child is among the tables that are undone, if it is.
-- Columns by their places among those of their table; a link over columns that are not captured, as generated ones are
-- not, is left to PostgreSQL.
create or replace function unwind_internal.drag_links(tables unwind_internal.captured_tables [], n int)
returns table (
    link text, child regclass, child_place int, columns text [], child_places int [], parent_places int [],
    operators text [], on_delete boolean, on_update boolean
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        quote_ident(f.conname), f.conrelid::regclass, k.place::int, p.columns, p.child_places, p.parent_places,
        p.operators, f.confdeltype in ('c', 'n', 'd'), f.confupdtype in ('c', 'n', 'd')
    from pg_constraint as f
    left join unnest(tables) with ordinality as k (
        table_name, log_name, target_oid, columns, types, numbers, added, key_columns, shape, min_shape, fingerprint,
        by_row, ignored, place
    ) on k.table_name = coalesce(pg_partition_root(f.conrelid), f.conrelid::regclass)
    cross join lateral (
        select
            array_agg(ca.attname::text order by l.n) as columns,
            array_agg(array_position(k.columns, ca.attname::text) order by l.n) as child_places,
            array_agg(array_position((tables[drag_links.n]).columns, pa.attname::text) order by l.n) as parent_places,
            array_agg(format('operator(%I.%s)', s.nspname, o.oprname) order by l.n) as operators
        from unnest(f.conkey, f.confkey, f.conpfeqop) with ordinality as l (child, parent, operator, n)
        inner join pg_attribute as ca on ca.attrelid = f.conrelid and ca.attnum = l.child
        inner join pg_attribute as pa on pa.attrelid = f.confrelid and pa.attnum = l.parent
        inner join pg_operator as o on o.oid = l.operator
        inner join pg_namespace as s on s.oid = o.oprnamespace
    ) as p
    where f.contype = 'f' and f.conparentid = 0
        and coalesce(pg_partition_root(f.confrelid), f.confrelid::regclass) = (tables[drag_links.n]).table_name
        and (f.confdeltype in ('c', 'n', 'd') or f.confupdtype in ('c', 'n', 'd'))
        and array_position(p.parent_places, null) is null
    order by f.conname, f.conrelid
$$;

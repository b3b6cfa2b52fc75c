-- Columns that are named after a table and in no foreign key; best with a type that compares with its key, or else one
-- that does not: a text, or an array (named in the plural). A column is matched with the table that it fits best,
-- reached or not: an order_id next to orders does not mean order_lines.
create or replace function unwind_internal.suggested_logical_keys(reached regclass [])
returns table (
    child_table regclass, child_column text, child_type text,
    parent_table regclass, parent_column text, parent_type text, compares boolean
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with tables as materialized (
        select c.oid as tbl, c.relnamespace as namespace, unwind_internal.name_words(c.relname) as words
        from pg_class as c
        inner join pg_namespace as n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p', 'f')
            and not c.relispartition
            and n.nspname not like 'pg\_%'
            and n.nspname not in ('information_schema', 'unwind', 'unwind_internal', 'unwind_compiled')
    ),

    keys as materialized (
        select
            t.tbl, t.namespace, a.attname as name, a.atttypid as type, bool_or(i.indisprimary) as is_primary,
            unwind_internal.name_words(a.attname) as words
        from tables as t
        inner join pg_index as i on i.indrelid = t.tbl
        inner join pg_attribute as a on a.attrelid = t.tbl and a.attnum = i.indkey[0]
        where i.indisunique and i.indisvalid and i.indnkeyatts = 1 and i.indpred is null
        group by t.tbl, t.namespace, a.attname, a.atttypid
    ),

    stems as materialized (
        -- The first word of many tables is the name of an application, not of any of them.
        select s.tbl, s.stem, s.closeness
        from (
            select
                t.tbl, e.stem, e.closeness,
                count(*) over (partition by t.namespace, e.stem, e.closeness) as bearers
            from tables as t
            cross join lateral unwind_internal.table_stems(t.words) as e
        ) as s
        where s.closeness < 4 or s.bearers = 1
    ),

    names as materialized (
        select n.tbl, n.key, n.name, min(n.closeness) as closeness
        from (
            select k.tbl, k.name as key, s.stem || '_' || e.ending as name, s.closeness
            from keys as k
            inner join stems as s on s.tbl = k.tbl
            cross join lateral (values ('id'), (array_to_string(k.words, '_'))) as e (ending)
            union all
            select k.tbl, k.name, array_to_string(k.words, '_'), 3
            from keys as k
            where cardinality(k.words) > 1
        ) as n
        group by n.tbl, n.key, n.name
    ),

    columns as materialized (
        select
            t.tbl, t.namespace, a.attname as name, a.attnum as number, a.atttypid as type,
            regexp_replace(
                array_to_string(unwind_internal.name_words(a.attname), '_'),
                case when y.typcategory = 'A' then 's$' else '$' end, ''
            ) as words
        from tables as t
        inner join pg_attribute as a on a.attrelid = t.tbl
        inner join pg_type as y on a.atttypid = y.oid
        where a.attnum > 0 and not a.attisdropped
    ),

    matches as materialized (
        select
            c.tbl as child, c.name as child_column, c.number, c.type as child_type,
            c.namespace = k.namespace as is_near, k.tbl as parent, k.name as parent_column, k.type as parent_type,
            k.is_primary, n.closeness
        from columns as c
        inner join names as n on n.name = c.words
        inner join keys as k on k.tbl = n.tbl and k.name = n.key
    ),

    comparable as materialized (
        select p.child_type, p.parent_type
        from (select distinct m.child_type, m.parent_type from matches as m) as p
        where unwind_internal.equality(p.child_type, p.parent_type) is not null
    ),

    ranked as (
        select
            m.*,
            c.child_type is not null as compares,
            rank() over (
                partition by m.child, m.number
                order by
                    (c.child_type is not null) desc, m.closeness asc, m.is_near desc,
                    (m.child_column = m.parent_column) desc, m.is_primary desc
            ) as place
        from matches as m
        left join comparable as c on c.child_type = m.child_type and c.parent_type = m.parent_type
    )

    select
        r.child::regclass, r.child_column::text, format_type(r.child_type, -1),
        r.parent::regclass, r.parent_column::text, format_type(r.parent_type, -1), r.compares
    from ranked as r
    where r.place = 1
        and r.parent = any(reached)
        and (r.child <> r.parent or r.child_column <> r.parent_column)
        and not exists (
            select from pg_constraint as c where c.contype = 'f' and c.conrelid = r.child and r.number = any(c.conkey)
        )
        and not exists (
            select from unwind.logical_foreign_keys as l
            where l.child_table = r.child::regclass and r.child_column = any(l.child_columns)
        )
        and not exists (
            select from unwind_internal.partition_links() as p
            where p.root_table = r.child::regclass and r.child_column = any(p.child_columns)
        )
$$;

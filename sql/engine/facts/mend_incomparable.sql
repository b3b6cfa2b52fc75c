-- What links two columns whose types do not compare: a stored generated column beside the child's, of the parent's
-- type. Lines that can be pasted: the column, its index, and the link by it. Of an array it can be but one element; of
-- a text that may hold other things, what looks like a key.
create or replace function unwind_internal.mend_incomparable(
    child_table regclass, child_column text, parent_table regclass, parent_column text
)
returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with types as (
        select
            c.typname as child, c.typcategory as category, p.typname as parent,
            -- Without a length: what is longer matches nothing, and is not refused.
            format_type(p.oid, -1) as wanted,
            quote_ident(child_column) as name,
            left(child_column, 40) || '_key' as added
        from pg_attribute as ca
        inner join pg_attribute as pa on pa.attrelid = parent_table and pa.attname = parent_column
        inner join pg_type as c on c.oid = unwind_internal.base_type(ca.atttypid)
        inner join pg_type as p on p.oid = unwind_internal.base_type(pa.atttypid)
        where ca.attrelid = child_table and ca.attname = child_column
    ),

    expressions as (
        select t.*, case
            when t.category = 'A' then format('%s[1]::%s', t.name, t.wanted)
            when t.child in ('json', 'jsonb') then format('(%s ->> ''id'')::%s', t.name, t.wanted)
            when t.child = 'ltree' then format('split_part(%s::text, ''.'', 1)::%s', t.name, t.wanted)
            when t.category = 'S' and l.form is not null
                then format('case when %1$s ~ %2$L then %1$s::%3$s end', t.name, l.form, t.wanted)
            else format('%s::text::%s', t.name, t.wanted)
        end as expression
        from types as t
        left join (values
            ('uuid', '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$'),
            ('int2', '^[0-9]{1,4}$'), ('int4', '^[0-9]{1,9}$'), ('int8', '^[0-9]{1,18}$'), ('numeric', '^[0-9]+$')
        ) as l (parent, form) on t.parent = l.parent
    )

    select line.text
    from expressions as e
    cross join lateral (values
        (1, format('alter table %s add column %I %s generated always as (%s) stored;', child_table, e.added, e.wanted,
            e.expression)),
        (2, format('create index on %s (%I);', child_table, e.added)),
        (3, format('select unwind.declare_foreign_key(%L, %L, %L, %L);', child_table, array[e.added],
            parent_table, array[parent_column]))
    ) as line (n, text)
    order by line.n
$$;

-- How a link that would be cleared can do without clearing a column that is NOT NULL: the column gives that up, or,
-- where it cannot, being part of the primary key or an identity, the link clears its other columns alone.
create or replace function unwind_internal.mend_not_null_link(
    child_table regclass, column_name text, parent_table regclass
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select case
        when a.attidentity = '' and a.attname <> all(coalesce(unwind_internal.primary_key(a.attrelid), '{}'))
            then format('alter table %s alter column %I drop not null;', f.child_table, a.attname)
        else format('select unwind.declare_foreign_key(%L, %L, %L, %L, %L);%s',
            f.child_table, f.child_columns, f.parent_table, f.parent_columns,
            coalesce('set null (' || n.names || ')', 'restrict'),
            case when n.names is null then ' -- or ''cascade'', if its rows belong to those of the parent' end)
    end
    from unwind_internal.foreign_keys as f
    inner join pg_attribute as a on a.attrelid = f.child_table and a.attname = mend_not_null_link.column_name
    cross join lateral (
        select string_agg(quote_ident(c.name), ', ' order by c.n) as names
        from unnest(f.set_columns) with ordinality as c (name, n)
        inner join pg_attribute as o on o.attrelid = f.child_table and o.attname = c.name and not o.attnotnull
    ) as n
    where f.child_table = mend_not_null_link.child_table
        and f.parent_table = mend_not_null_link.parent_table
        and a.attname = any(f.set_columns)
    limit 1
$$;

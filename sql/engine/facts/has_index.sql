-- Whether a usable index starts with one of these columns, for a lookup by all of them. A partitioned table has one
-- where each of its leaves has, whether or not the table itself knows of it; rows kept elsewhere have theirs there.
create or replace function unwind_internal.has_index(tbl regclass, columns text [])
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select unwind_internal.has_own_index(tbl, columns) or (
        select coalesce(bool_and(c.relkind = 'f' or unwind_internal.has_own_index(p.relid, columns)), false)
        from pg_partition_tree(tbl) as p
        inner join pg_class as c on c.oid = p.relid
        where p.isleaf and c.oid <> tbl
    )
$$;

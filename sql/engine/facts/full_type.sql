-- The type of a column with all that says which text is a value of it and which values are equal: its length or
-- precision, and a collation under which different texts are equal. Of a domain the type behind it, for a domain's
-- constraints are somebody's code.
create or replace function unwind_internal.full_type(tbl regclass, column_name text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with recursive behind (type, typmod, depth) as (
        select a.atttypid, a.atttypmod, 0
        from pg_attribute as a
        where a.attrelid = full_type.tbl and a.attname = full_type.column_name and not a.attisdropped
        union all
        select t.typbasetype, t.typtypmod, b.depth + 1
        from behind as b
        inner join pg_type as t on t.oid = b.type
        where t.typtype = 'd'
    )

    select format_type(b.type, b.typmod)
        || coalesce(' collate ' || (
            select format('%I.%I', n.nspname, l.collname)
            from pg_attribute as a
            inner join pg_collation as l on l.oid = a.attcollation and not l.collisdeterministic
            inner join pg_namespace as n on n.oid = l.collnamespace
            where a.attrelid = full_type.tbl and a.attname = full_type.column_name
        ), '')
    from behind as b
    order by b.depth desc
    limit 1
$$;

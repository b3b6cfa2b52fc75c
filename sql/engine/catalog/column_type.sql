-- The type of a column as generated SQL has to write it. Typmod -1, because a bare "character" means
-- character(1) and would cut keys; for the same reason the type behind a domain.
create or replace function unwind_internal.column_type(tbl regclass, column_name text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with recursive base (oid, parent) as (
        select t.oid, t.typbasetype
        from pg_attribute as a
        inner join pg_type as t on t.oid = a.atttypid
        where a.attrelid = column_type.tbl and a.attname = column_type.column_name and not a.attisdropped
        union all
        select t.oid, t.typbasetype
        from base as b
        inner join pg_type as t on t.oid = b.parent
    )

    select format_type(b.oid, -1) from base as b where b.parent = 0
$$;

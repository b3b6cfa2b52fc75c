-- Whether a usable index of the table itself starts with one of these columns.
create or replace function unwind_internal.has_own_index(tbl regclass, columns text [])
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select exists (
        select
        from pg_index as i
        inner join pg_class as c on c.oid = i.indexrelid
        inner join pg_am as m on m.oid = c.relam
        inner join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
        where i.indrelid = has_own_index.tbl
            and i.indisvalid
            and i.indpred is null
            and m.amname in ('btree', 'hash')
            and a.attname = any(has_own_index.columns)
    )
$$;

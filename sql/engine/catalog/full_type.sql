-- The type of a column with all that says which text is a value of it and which values are equal: its length or
-- precision, and a collation under which different texts are equal.
create or replace function unwind_internal.full_type(tbl regclass, column_name text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select case
            when a.atttypmod = -1 then format_type(a.atttypid, -1) else format_type(a.atttypid, a.atttypmod)
        end
        || coalesce(' collate ' || (
            select format('%I.%I', n.nspname, l.collname)
            from pg_collation as l
            inner join pg_namespace as n on n.oid = l.collnamespace
            where l.oid = a.attcollation and not l.collisdeterministic
        ), '')
    from pg_attribute as a
    where a.attrelid = full_type.tbl and a.attname = full_type.column_name and not a.attisdropped
$$;

-- The type of a column as generated SQL has to write it. Typmod -1, because a bare "character" means
-- character(1) and would cut keys; for the same reason the type behind a domain. Asked for often: in PL/pgSQL it is
-- planned once.
create or replace function unwind_internal.column_type(tbl regclass, column_name text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        select format_type(unwind_internal.base_type(a.atttypid), -1)
        from pg_attribute as a
        where a.attrelid = column_type.tbl and a.attname = column_type.column_name and not a.attisdropped
    );
end
$$;

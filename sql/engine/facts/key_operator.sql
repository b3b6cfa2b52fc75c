-- How a key column is compared with recorded values of its own type.
create or replace function unwind_internal.key_operator(tbl regclass, column_name text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        select unwind_internal.equality(a.atttypid, a.atttypid)
        from pg_attribute as a
        where a.attrelid = key_operator.tbl and a.attname = key_operator.column_name and not a.attisdropped
    );
end
$$;

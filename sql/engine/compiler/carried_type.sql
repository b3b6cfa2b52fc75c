-- The type in which a generated function carries the values of a column. An array of arrays, or of rows, would come
-- apart when it is unnested, so those travel as text and are cast where they are compared.
create or replace function unwind_internal.carried_type(column_type text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        select case when t.typcategory in ('A', 'C') then 'text' else carried_type.column_type end
        from pg_type as t
        where t.oid = carried_type.column_type::regtype
    );
end
$$;

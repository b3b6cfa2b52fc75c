-- Columns by their numbers, as a list to read. Null for none.
create or replace function unwind_internal.column_names(tbl oid, numbers smallint [])
returns text
language plpgsql
stable
strict
set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        select string_agg(quote_ident(a.attname), ', ' order by n.place)
        from unnest(column_names.numbers) with ordinality as n (number, place)
        inner join pg_attribute as a on a.attrelid = column_names.tbl and a.attnum = n.number
    );
end
$$;

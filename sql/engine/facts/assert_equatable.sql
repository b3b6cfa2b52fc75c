-- Rows are found by their columns being equal to something.
-- Errors: UW009.
create or replace function unwind_internal.assert_equatable(tbl regclass, column_name text)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_type text;
begin
    if unwind_internal.key_operator(tbl, column_name) is null then
        v_type := unwind_internal.column_type(tbl, column_name);
        raise 'rows of % cannot be found by column %', tbl, quote_ident(column_name)
        using errcode = 'UW009',
            detail = format('Type %s has no equality: no default operator class for btree or hash.', v_type),
            hint = format('Name another column, or a generated one: alter table %s add column ... text '
                'generated always as (...) stored;', tbl);
    end if;
end
$$;

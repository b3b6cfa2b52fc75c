-- Errors: UW007, always.
create or replace function unwind_internal.raise_rows_kept(table_name text)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    raise 'rows of % were not deleted: a trigger kept them', table_name
    using errcode = 'UW007',
        detail = format('BEFORE DELETE row triggers there: %s. One that returns null keeps the row.', (
            select string_agg(quote_ident(g.tgname), ', ' order by g.tgname)
            from pg_trigger as g
            where g.tgrelid = raise_rows_kept.table_name::regclass and not g.tgisinternal and g.tgtype & 11 = 11
        )),
        hint = format('Let the trigger pass, or: alter table %s disable trigger ...;', table_name),
        table = table_name;
end
$$;

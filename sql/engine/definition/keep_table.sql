-- Says that the definitions mean the table that they meant, under the name that it has now, though another one has
-- its former name; and compiles the workflows that know it.
-- Errors: UW009.
create or replace function unwind_internal.keep_table(tbl regclass)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform unwind_internal.lock_definitions();
    update unwind_internal.planned_tables as t set table_name = tbl::text where t.target = keep_table.tbl;
    perform unwind_internal.compile_known(tbl);
end
$$;

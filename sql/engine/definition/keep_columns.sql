-- Says that the definitions mean the columns that they meant, whatever those are called now, though others have their
-- former names; and compiles the workflows that know the table.
-- Errors: UW009.
create or replace function unwind_internal.keep_columns(tbl regclass)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform unwind_internal.lock_definitions();
    perform unwind_internal.rename_columns(tbl);
    update unwind_internal.planned_tables as t
    set columns = unwind_internal.kept_columns(tbl, t.columns)
    where t.target = keep_columns.tbl;
    perform unwind_internal.compile_known(tbl);
end
$$;

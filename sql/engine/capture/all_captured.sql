-- The captured tables that there are.
-- SECURITY DEFINER, for nobody reads them but the engine; it tells names of tables and columns, and nothing else.
create or replace function unwind_internal.all_captured()
returns setof unwind_internal.captured_tables
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select c.* from unwind_internal.captured_tables as c order by c.log_name
$$;

-- The role that owns the engine, with whose rights record_step looks at rows.
create or replace function unwind_internal.engine_owner()
returns name
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select pg_get_userbyid(n.nspowner) from pg_namespace as n where n.nspname = 'unwind_internal'
$$;

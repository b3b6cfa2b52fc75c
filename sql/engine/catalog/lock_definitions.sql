-- Workflows come and go one transaction at a time, for one generated function names them all: the first thing
-- that define_workflow and drop_workflow do. Nobody who starts or undoes a run waits for it.
create or replace function unwind_internal.lock_definitions()
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
    select pg_advisory_xact_lock(hashtextextended('pgunwind: definitions', 0))
$$;

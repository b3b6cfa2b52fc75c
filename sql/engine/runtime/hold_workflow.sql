-- Keeps drop_workflow waiting until the run that is being started can be seen. True, so that it can be part of an
-- expression, for PERFORM would be a query of its own. Without a search_path of its own PostgreSQL inlines it.
create or replace function unwind_internal.hold_workflow(workflow text)
returns boolean
language sql
volatile
as $$
    select pg_catalog.pg_advisory_xact_lock_shared(unwind_internal.workflow_lock(workflow)) is not null
$$;

-- The key of the advisory lock by which start_run and drop_workflow keep off each other. Starters share it; a lock on
-- the workflow's row would be written by each of them. Without a search_path of its own PostgreSQL inlines it.
create or replace function unwind_internal.workflow_lock(workflow text)
returns bigint
language sql
immutable
as $$
    select pg_catalog.hashtextextended('pgunwind: workflow ' operator(pg_catalog.||) workflow, 0)
$$;

-- Whether writing what became of the run needs no word to anybody: the caller may act on it, it has not ended, and
-- nobody claims it. Without a search_path of its own PostgreSQL inlines it.
create or replace function unwind_internal.is_free(run unwind.workflow_runs)
returns boolean
language sql
stable
as $$
    select unwind_internal.may_act(run.started_by)
        and run.status operator(pg_catalog.<>) all('{COMPLETED,COMPENSATED}')
        and run.claimed_by is null
$$;

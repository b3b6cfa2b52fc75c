-- Ids of runs to try, oldest first, of those on which the caller may act; nothing is locked yet.
-- SECURITY DEFINER, as lock_due_runs is.
create or replace function unwind_internal.find_due_runs(workflow text, max_runs int, max_retries int)
returns text []
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(array_agg(f.id order by f.created_at, f.id), '{}')
    from (
        select d.id, d.created_at
        from unwind_internal.due_runs as d
        where d.workflow = coalesce(find_due_runs.workflow, d.workflow)
            and ((select unwind_internal.is_operator()) or unwind_internal.may_act(d.started_by))
            and unwind_internal.is_due(d.retry_at, d.retry_count, find_due_runs.max_retries)
        order by d.created_at, d.id
        limit find_due_runs.max_runs
    ) as f
$$;

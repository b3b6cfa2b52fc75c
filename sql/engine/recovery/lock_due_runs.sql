-- Locks those of the runs that are due now, skipping any that somebody else has locked: another sweeper, a
-- compensation, a step in flight. So a sweeper never waits for a run's row, and cannot be in a circle of those that
-- do. Given up (infinity) is due again where more tries are allowed than it had.
create or replace function unwind_internal.lock_due_runs(run_ids text [], max_retries int)
returns text []
language sql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
    with due as (
        select d.id
        from unwind_internal.due_runs as d
        where d.id = any(lock_due_runs.run_ids)
            and d.retry_count < lock_due_runs.max_retries
            and (d.retry_at is null or d.retry_at <= unwind_internal.clock() or d.retry_at = 'infinity')
        order by d.id
        for update skip locked
    )

    select coalesce(array_agg(d.id), '{}') from due as d
$$;

-- Locks those of the runs that are due now, skipping any that somebody else has locked: another sweeper, a
-- compensation, a step in flight. So a sweeper never waits for a run's row, and cannot be in a cycle of those that
-- do.
-- SECURITY DEFINER, for a lock takes the right to write; only runs on which the caller may act.
create or replace function unwind_internal.lock_due_runs(run_ids text [], max_retries int)
returns text []
language sql
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
    with due as (
        select d.id
        from unwind_internal.due_runs as d
        where d.id = any(lock_due_runs.run_ids)
            and ((select unwind_internal.is_operator()) or unwind_internal.may_act(d.started_by))
            and unwind_internal.is_due(d.retry_at, d.retry_count, lock_due_runs.max_retries)
        order by d.id
        for update skip locked
    )

    select coalesce(array_agg(d.id), '{}') from due as d
$$;

-- Says of which runs a sweep left alone, though they are due, because somebody holds their rows, and who.
-- SECURITY DEFINER, as find_due_runs is, by which the ids came.
create or replace function unwind_internal.tell_of_passed_by(run_ids text [], max_retries int)
returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
    select unwind_internal.tell_of_holders(array_agg(d.id), 'passed by')
    from unwind_internal.due_runs as d
    where d.id = any(tell_of_passed_by.run_ids)
        and unwind_internal.is_due(d.retry_at, d.retry_count, tell_of_passed_by.max_retries)
$$;

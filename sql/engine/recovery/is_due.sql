-- Whether a sweep tries a run now that was tried before: its pause is over, or it was given up (infinity) after fewer
-- tries than are allowed this time. How often a run may fail is decided when it fails, so that unwind.backlog can
-- count what the next sweep will do.
create or replace function unwind_internal.is_due(retry_at timestamptz, retry_count int, max_retries int)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(retry_at <= unwind_internal.clock(), true) or (retry_at = 'infinity' and retry_count < max_retries)
$$;

-- Whether a run waits because its last undo was refused for rows that somebody else has changed since, or that do not
-- come back as they were: by last_error, as failure_text and compensation_error have it.
create or replace function unwind_internal.is_conflict(last_error text)
returns boolean
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(last_error ~ '^compensation failed: \[UW01[14]\]', false)
$$;

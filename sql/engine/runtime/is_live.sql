-- Whether the run has recorded the step and not undone it.
create or replace function unwind_internal.is_live(run_id text, step text)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select exists (
        select from unwind.run_steps as s
        where s.run_id = is_live.run_id and s.step = is_live.step and s.compensated_at is null
            and s.released_at is null
    )
$$;

-- The steps of a run that are to be undone, last first.
create or replace function unwind_internal.live_steps(run_id text, workflow text)
returns text []
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(array_agg(s.step order by s.position desc), '{}')
    from unwind.workflow_steps as s
    where s.workflow = live_steps.workflow and unwind_internal.is_live(live_steps.run_id, s.step)
$$;

-- The stages of a run that are to be undone, in the order of the plan.
create or replace function unwind_internal.live_stages(run_id text, workflow text)
returns int []
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(array_agg(distinct p.stage order by p.stage), '{}')
    from unwind.plan_statements as p
    where p.workflow = live_stages.workflow and unwind_internal.is_live(live_stages.run_id, p.step)
$$;

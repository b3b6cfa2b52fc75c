-- What is left to undo of these runs, in the reverse order of the ledger: what was recorded last goes first. Runs whose
-- step comes next to each other go together; alone gives each run by itself.
-- SECURITY DEFINER: nobody else reads the ledger; of runs on which the caller may not act there are none here.
create or replace function unwind_internal.undo_order(run_ids text [], alone boolean)
returns table (workflow text, step text, runs text [])
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
    with steps as (
        select r.workflow, l.step, l.run_id, max(l.recorded_at) as recorded_at, s.position
        from unwind.workflow_runs as r
        inner join unwind_internal.ledger as l on l.run_id = r.id
        left join unwind.workflow_steps as s on s.workflow = r.workflow and s.step = l.step
        where r.id = any(run_ids)
            and r.status <> 'COMPENSATED'
            and unwind_internal.may_act(r.started_by)
            and l.compensated_at is null
            and l.released_at is null
        group by r.workflow, l.step, l.run_id, s.position
    ),

    placed as (
        select s.*, row_number() over (order by s.recorded_at desc, s.position desc, s.run_id asc) as place
        from steps as s
    ),

    grouped as (
        select p.*, case
                when undo_order.alone then p.place
                else p.place - row_number() over (partition by p.workflow, p.step order by p.place)
            end as island
        from placed as p
    )

    select g.workflow, g.step, array_agg(g.run_id order by g.run_id)
    from grouped as g
    group by g.workflow, g.step, g.island
    order by min(g.place)
$$;

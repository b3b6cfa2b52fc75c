-- The steps of a workflow in the order in which they are undone, last first. Where rows of an earlier step can refer
-- to those of a later one (restrict), both and all between are planned as one stage, for then the last step first
-- is not always children first. Custom steps stand alone.
create or replace function unwind_internal.stages(workflow text)
returns table (stage int, steps text [])
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with planned as materialized (
        select s.step, s.position, unnest(unwind_internal.reached_tables(s.workflow, s.step)) as name
        from unwind.workflow_steps as s
        where s.workflow = stages.workflow and s.compensation is null
    ),

    backward as (
        select distinct c.position as earlier, p.position as later
        from unwind_internal.plan_links as f
        inner join planned as c on c.name = f.child_table
        inner join planned as p on p.name = f.parent_table
        where f.workflow = stages.workflow and f.on_delete = 'restrict'
            and f.child_table <> f.parent_table and c.position < p.position
            and not exists (
                select from unwind.workflow_steps as x
                where x.workflow = stages.workflow and x.compensation is not null
                    and x.position between c.position and p.position
            )
    ),

    -- A stage begins with each step into which no stage of later ones reaches back.
    numbered as (
        select
            s.step, s.position,
            count(*) filter (
                where not exists (select from backward as b where b.earlier <= s.position and b.later > s.position)
            ) over (order by s.position desc) as stage
        from unwind.workflow_steps as s
        where s.workflow = stages.workflow
    )

    select n.stage::int, array_agg(n.step order by n.position desc)
    from numbered as n
    group by n.stage
$$;

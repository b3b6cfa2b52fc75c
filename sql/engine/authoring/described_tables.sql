-- Each step's tables in the order in which they are deleted; a custom step's function in their place.
create or replace function unwind_internal.described_tables(workflow text)
returns table (step text, step_position int, ordinal int, name text, target regclass, key_columns text [])
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        s.step,
        s.position,
        min(p.ordinal),
        coalesce(p.target::text, min(p.sources)),
        p.target,
        (
            select r.key_columns from unwind.step_roots as r
            where r.workflow = s.workflow and r.step = s.step and r.root_table = p.target
            order by r.root limit 1
        )
    from unwind.workflow_steps as s
    inner join unwind.plan_statements as p on p.workflow = s.workflow and p.step = s.step
    where s.workflow = described_tables.workflow and p.action in ('delete', 'call')
    group by s.workflow, s.step, s.position, p.target
$$;

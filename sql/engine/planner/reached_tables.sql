-- The tables of a step: its roots, and all that cascades from them.
create or replace function unwind_internal.reached_tables(workflow text, step text)
returns regclass []
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with recursive links as materialized (
        select f.child_table, f.parent_table
        from unwind_internal.plan_links as f
        where f.workflow = reached_tables.workflow and f.on_delete = 'cascade'
    ),

    reached (name) as (
        select r.root_table
        from unwind.step_roots as r
        where r.workflow = reached_tables.workflow and r.step = reached_tables.step
        union
        select l.child_table
        from reached
        inner join links as l on l.parent_table = reached.name
    )

    select coalesce(array_agg(reached.name), '{}') from reached
$$;

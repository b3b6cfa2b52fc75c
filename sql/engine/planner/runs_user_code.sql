-- Whether code of the user's runs while runs of a workflow are undone, and may write rows that have to go too: a custom
-- step; triggers or rules of tables that the undo deletes from, or clears links in. Where PostgreSQL itself clears
-- links (its SET NULL and SET DEFAULT), no statement of the plan would notice a trigger that comes later: always.
-- Asked while the workflow is planned, for it reads plan_links.
create or replace function unwind_internal.runs_user_code(workflow text)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with reached as materialized (
        select distinct unnest(unwind_internal.reached_tables(s.workflow, s.step)) as target
        from unwind.workflow_steps as s
        where s.workflow = runs_user_code.workflow and s.compensation is null
    ),

    cleared as materialized (
        select distinct f.child_table, f.on_delete
        from unwind_internal.plan_links as f
        where f.workflow = runs_user_code.workflow
            and f.on_delete in ('set null', 'left alone')
            and f.parent_table in (select r.target from reached as r)
    )

    select exists (
        select from unwind.workflow_steps as s
        where s.workflow = runs_user_code.workflow and s.compensation is not null
    )
    or exists (select from cleared as c where c.on_delete = 'left alone')
    or exists (select from reached as r where unwind_internal.user_code(r.target, true, false) <> '{}')
    or exists (select from cleared as c where unwind_internal.user_code(c.child_table, false, true) <> '{}')
$$;

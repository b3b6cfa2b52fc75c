-- A table that is some step's root has rows with owners. Where cascade links lead into it, the rows of another
-- run must not go with this one's.
create or replace function unwind_internal.plan_guards(workflow text, step text, target regclass)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
    with roots as (
        select distinct r.key_columns from unwind.step_roots as r where r.root_table = plan_guards.target
    ),

    ways (condition, sources, anchor) as (
        select r.condition, r.sources, r.anchor
        from unwind_internal.plan_ways as w
        cross join unwind_internal.render_way(w, 't') as r
        where w.workflow = plan_guards.workflow
            and w.step = plan_guards.step
            and w.target = plan_guards.target
    )

    select unwind_internal.add_statement(
        plan_guards.workflow, plan_guards.step, 'guard', plan_guards.target,
        w.anchor, w.sources, w.condition, r.key_columns
    )
    from ways as w
    cross join roots as r
    where not exists (
        -- By their own keys a run reaches only what it owns.
        select from unwind.plan_statements as k
        where k.workflow = plan_guards.workflow
            and k.ordinal = w.anchor
            and k.action = 'keys'
            and k.target = plan_guards.target
    )
    order by w.condition, r.key_columns
$$;

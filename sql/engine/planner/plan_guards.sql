-- A table that is some step's root has rows with owners. Whatever way leads into it, the rows of another run must not
-- go with this one's: where cascade links do, and where its own key finds a row that another step keys by other
-- columns, or as a row of a partition or of a parent.
create or replace function unwind_internal.plan_guards(workflow text, step text, target regclass)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform unwind_internal.add_statement(
        plan_guards.workflow, plan_guards.step, 'guard', plan_guards.target, w, r.key_columns
    )
    from (
        select s.key_columns, bool_or(s.root_table <> plan_guards.target) as is_of_kin
        from unwind_internal.key_sets(plan_guards.target) as s
        group by s.key_columns
    ) as r
    cross join unnest(unwind_internal.ways_to(workflow, step, target)) as w
    where r.is_of_kin or not exists (
        -- By their own keys a run reaches only what it owns under those.
        select from unwind.plan_statements as k
        where k.workflow = plan_guards.workflow
            and k.ordinal = w.anchor
            and w.parent_way is null
            and k.action = 'keys'
            and k.target = plan_guards.target
            and k.columns = w.columns
            and k.columns = r.key_columns
    )
    order by w.way, r.key_columns;
end
$$;

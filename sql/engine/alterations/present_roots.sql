-- The roots of a step as a plan made now would have them.
create or replace function unwind_internal.present_roots(workflow text, step text)
returns unwind.plan_statements []
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select array_agg(unwind_internal.present_root(r) order by r.root)
    from unwind.step_roots as r
    where r.workflow = present_roots.workflow and r.step = present_roots.step and unwind_internal.is_whole(r)
$$;

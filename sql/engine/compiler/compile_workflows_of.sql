-- A link into a table, or who may own its rows, has changed: compiles every workflow that reaches it.
create or replace function unwind_internal.compile_workflows_of(reached_table regclass)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_workflow text;
begin
    for v_workflow in
        select distinct w.workflow
        from unwind_internal.plan_ways as w
        where w.target in (select unwind_internal.kin(compile_workflows_of.reached_table))
        order by w.workflow
    loop
        perform unwind.compile_workflow(v_workflow);
    end loop;
end
$$;

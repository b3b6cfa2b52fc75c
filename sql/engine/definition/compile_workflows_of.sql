-- A link between these tables, or who may own their rows, has changed: compiles every workflow that deletes or clears
-- rows of them, but not one that was compiled just now. Of the child too, for what else leads to it says in which order
-- its rows are locked (is_shared).
create or replace function unwind_internal.compile_workflows_of(changed_tables regclass [], compiled text default null)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_workflow text;
begin
    for v_workflow in
        select distinct p.workflow
        from unwind.plan_statements as p
        where p.action in ('delete', 'set null')
            and p.workflow is distinct from compile_workflows_of.compiled
            and p.target in (
                select unwind_internal.kin(t.name) from unnest(compile_workflows_of.changed_tables) as t (name)
            )
        order by p.workflow
    loop
        perform unwind.compile_workflow(v_workflow);
    end loop;
end
$$;

-- Compiles every workflow that names a table or plans with it, once somebody has said what that means. One of which
-- more has to be said stays stale: the plan of this table counts no more.
-- Errors: UW009.
create or replace function unwind_internal.compile_known(tbl regclass)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_workflow text;
begin
    update unwind_internal.planned_tables as t set digest = '' where t.target = compile_known.tbl;
    for v_workflow in
        select t.workflow from unwind_internal.planned_tables as t where t.target = compile_known.tbl
        union
        select r.workflow from unwind.step_roots as r where r.root_table = compile_known.tbl
        order by 1
    loop
        continue when exists (select from unwind_internal.ambiguities(v_workflow));
        perform unwind.compile_workflow(v_workflow);
    end loop;
end
$$;

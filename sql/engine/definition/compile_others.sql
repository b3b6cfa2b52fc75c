-- The other workflows that know these tables, where something has followed, are compiled too. One that cannot be now
-- stays as it is, which is stale: it undoes and records nothing until it is mended.
create or replace function unwind_internal.compile_others(workflow text, tables regclass [])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_other text;
begin
    if tables = '{}' then
        return;
    end if;
    for v_other in
        select distinct t.workflow from unwind_internal.planned_tables as t
        where t.target = any(tables) and t.workflow <> compile_others.workflow
        order by t.workflow
    loop
        continue when unwind_internal.workflow_drift(v_other) = '{}';
        begin
            perform unwind.compile_workflow(v_other);
        exception
            when sqlstate 'UW009' then
                raise warning 'workflow % is not compiled anew: %', quote_literal(v_other), sqlerrm
                using hint = format('select * from unwind.check_workflow(%L);', v_other);
        end;
    end loop;
end
$$;

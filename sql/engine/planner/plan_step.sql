-- Plans one step. Parents first: how each table is reached, and what has to be captured before rows go.
-- Then children first: what must not be left dangling, and what is deleted.
-- Errors: UW009.
create or replace function unwind_internal.plan_step(workflow text, step text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_tables regclass [];
    v_table regclass;
begin
    perform unwind_internal.plan_roots(workflow, step);
    v_tables := unwind_internal.deletion_order(workflow, step);
    for i in reverse cardinality(v_tables)..1 loop
        perform unwind_internal.plan_membership(workflow, step, v_tables[i], v_tables);
    end loop;
    foreach v_table in array v_tables loop
        perform unwind_internal.plan_deletion(workflow, step, v_table);
    end loop;
end
$$;

-- Says that the definitions mean the table that has the name now, and not the one that had it when it was planned:
-- roots, declared links, recorded keys and owners go over to it. Then compiles the workflows that know either.
-- Errors: UW009 where it cannot be a root, or lacks a row that a run could still have to undo.
create or replace function unwind_internal.take_table(former regclass, table_name text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now regclass := to_regclass(table_name);
    v_roots unwind.step_roots [];
    v_root unwind.step_roots;
begin
    perform unwind_internal.lock_definitions();
    perform unwind_internal.lock_owners();
    v_roots := array(
        select r from unwind.step_roots as r where r.root_table = former order by r.workflow, r.step, r.root
    );
    foreach v_root in array v_roots loop
        perform unwind_internal.assert_table(v_now, v_root.key_columns);
    end loop;
    perform unwind_internal.replace_table(former, v_now);
    foreach v_root in array v_roots loop
        perform unwind_internal.read_keys_in(v_root, v_now);
    end loop;
    perform unwind_internal.own_anew(v_now);
    update unwind_internal.planned_tables as t set table_name = former::text where t.target = former;
    perform unwind_internal.compile_known(former);
    perform unwind_internal.compile_known(v_now);
end
$$;

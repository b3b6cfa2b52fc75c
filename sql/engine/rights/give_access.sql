-- Gives a role exactly what its kind may have: takes all from it, then grants.
create or replace function unwind_internal.give_access(role_name name, access text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_object text;
begin
    perform unwind_internal.revoke_access(role_name);
    execute format('grant usage on schema unwind, unwind_internal, unwind_compiled, unwind_captured to %I', role_name);
    for v_object in select f::text from unwind_internal.callable_functions(access) as f loop
        execute format('grant execute on routine %s to %I', v_object, role_name);
    end loop;
    for v_object in select t::text from unwind_internal.readable_tables(access) as t loop
        execute format('grant select on %s to %I', v_object, role_name);
    end loop;
end
$$;

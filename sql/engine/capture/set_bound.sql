-- Writes which roles are bound, and tells the trigger functions of all captured tables.
create or replace function unwind_internal.set_bound(role_name name, bound boolean)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform unwind_internal.lock_definitions();
    delete from unwind_internal.bound_roles as b where b.role_name = set_bound.role_name;
    if bound then
        insert into unwind_internal.bound_roles (role_name) values (set_bound.role_name);
    end if;
    perform unwind_internal.follow_table(c.log_name)
    from (select t.log_name from unwind_internal.captured_tables as t order by t.table_name::text) as c;
end
$$;

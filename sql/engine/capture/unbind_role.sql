-- Lets a role write outside runs again; also one that is gone.
-- Errors: UW010.
create or replace function unwind.unbind_role(role_name name)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
    select unwind_internal.set_bound(unbind_role.role_name, false)
$$;
comment on function unwind.unbind_role(name) is
'Lets a role that was bound write to captured tables outside runs again. Errors: UW010.';

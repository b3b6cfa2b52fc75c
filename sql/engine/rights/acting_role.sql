-- The role in effect: the setting role, else the login. Not current_user, which inside a SECURITY DEFINER function is
-- that function's owner.
create or replace function unwind_internal.acting_role()
returns name
language sql
stable
parallel safe
as $$
    select case
        when pg_catalog.current_setting('role') operator(pg_catalog.=) 'none' then session_user
        else pg_catalog.current_setting('role')::pg_catalog.name
    end
$$;

-- Whether whoever is writing is a role that writes to captured tables only inside a run: its login, or the role it set.
-- SECURITY DEFINER: nobody reads who is bound. Inside another such function session_user and the setting are still the
-- caller's.
create or replace function unwind_internal.is_bound()
returns boolean
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select exists (
        select from unwind_internal.bound_roles as b where b.role_name in (session_user, current_setting('role')::name)
    )
$$;

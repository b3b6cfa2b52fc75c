-- Whether the caller may see everybody's runs. The views and the policy ask it once a query, by a sub-select.
create or replace function unwind_internal.sees_any_run()
returns boolean
language plpgsql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
    return exists (
        select from unwind_internal.acting_roles() as a (role)
        where has_function_privilege(a.role, 'unwind_internal.see_any_run()'::regprocedure, 'EXECUTE')
    );
end
$$;

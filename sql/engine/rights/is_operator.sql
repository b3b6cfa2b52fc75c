-- Whether the caller may act on everybody's runs.
create or replace function unwind_internal.is_operator()
returns boolean
language plpgsql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
    return exists (
        select from unwind_internal.acting_roles() as a (role)
        where has_function_privilege(a.role, 'unwind_internal.act_on_any_run()'::regprocedure, 'EXECUTE')
    );
end
$$;

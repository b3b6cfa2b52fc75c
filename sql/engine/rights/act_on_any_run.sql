-- Does nothing: who may call it is an operator. So the access list of a function says who acts on everybody's runs,
-- membership in a group counts as it does for every right, and nothing has to be kept beside it.
create or replace function unwind_internal.act_on_any_run()
returns void
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select
$$;
revoke execute on function unwind_internal.act_on_any_run() from public;

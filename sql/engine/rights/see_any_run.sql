-- Does nothing: who may call it sees everybody's runs: viewers and operators. See act_on_any_run.
create or replace function unwind_internal.see_any_run()
returns void
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select
$$;
revoke execute on function unwind_internal.see_any_run() from public;

-- Whether the caller may act on a run that this role started. Nearly always that is the login or the role in
-- effect, which are asked first and cost next to nothing: without a search_path of its own PostgreSQL inlines it.
create or replace function unwind_internal.may_act(started_by name)
returns boolean
language sql
stable
parallel safe
as $$
    select started_by operator(pg_catalog.=) session_user is true
    or started_by operator(pg_catalog.=) unwind_internal.acting_role() is true
    or unwind_internal.speaks_for(started_by)
$$;

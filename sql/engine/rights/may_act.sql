-- Whether the caller may act on a run that this role started. Nearly always that is the login or the role in
-- effect ('none', which is no role's name, where that is the login), which are asked first and cost next to nothing:
-- without a search_path of its own PostgreSQL inlines it.
create or replace function unwind_internal.may_act(started_by name)
returns boolean
language sql
stable
parallel safe
as $$
    select (
        started_by operator(pg_catalog.=) session_user
        or started_by operator(pg_catalog.=) pg_catalog.current_setting('role')
    ) is true
    or unwind_internal.speaks_for(started_by)
$$;

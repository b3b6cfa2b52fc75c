-- Who holds a run's row, in words.
create or replace function unwind_internal.describe_holder(
    pid int, gid text, login name, application text, state text, since timestamptz
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select case when gid is null then format('session %s', pid) else format('prepared transaction %L', gid) end
        || format(' (%s)', concat_ws(', ', 'role ' || quote_ident(login), application, state,
            'since ' || to_char(since, 'YYYY-MM-DD HH24:MI:SSOF')))
$$;

-- What a trigger function asks first, if roles are bound: whether one of them is writing, and inside a run.
create or replace function unwind_internal.render_entered(log_name text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        '    if array[session_user, pg_catalog.current_setting(''role'')::pg_catalog.name]
        operator(pg_catalog.&&) %L::pg_catalog.name[]
    then
        perform unwind_internal.assert_entered(%L, pg_catalog.current_setting(''unwind.run'', true));
    end if;
',
        array_agg(b.role_name order by b.role_name), render_entered.log_name
    )
    from unwind_internal.bound_roles as b
    having count(*) > 0
$$;

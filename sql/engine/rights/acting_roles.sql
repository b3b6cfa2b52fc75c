-- The roles whose rights count: the one in effect, and the login that could take it off again; so that a heartbeat
-- or a fresh connection that has not set the role speaks for the same runs. A superuser who has set another role has
-- that role's rights alone, as everywhere in PostgreSQL. Roles that are gone have none. By oid: PostgreSQL may ask what
-- is asked of them for every role there is, and by name that is an error for one that somebody drops just then.
-- Without a search_path of its own, as PostgreSQL inlines it then.
create or replace function unwind_internal.acting_roles()
returns setof oid
language sql
stable
parallel safe
as $$
    select r.oid
    from pg_catalog.pg_roles as r
    where r.rolname operator(pg_catalog.=) any(array[unwind_internal.acting_role(), session_user])
        and (r.rolname operator(pg_catalog.=) unwind_internal.acting_role() or not r.rolsuper)
$$;

-- Who has been let in, and as what; as the access lists say, which outlive every upgrade.
create or replace function unwind_internal.granted_access()
returns table (role_name name, access text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with marked (function, access) as (
        values ('unwind_internal.act_on_any_run()'::regprocedure, 'operator'),
        ('unwind_internal.see_any_run()', 'viewer')
    ),

    granted (grantee, access) as (
        select a.grantee, m.access
        from marked as m
        inner join pg_proc as p on p.oid = m.function
        cross join lateral aclexplode(p.proacl) as a
        where a.grantee not in (0, p.proowner)
        union all
        select a.grantee, 'application'
        from pg_namespace as n
        cross join lateral aclexplode(n.nspacl) as a
        where n.nspname = 'unwind_compiled' and a.grantee not in (0, n.nspowner)
    )

    -- operator before viewer before application: each has what makes the next.
    select r.rolname,
        (array_agg(g.access order by array_position(array['operator', 'viewer', 'application'], g.access)))[1]
    from granted as g
    inner join pg_roles as r on r.oid = g.grantee
    group by r.rolname
$$;

-- The last thing an installation does: nobody but who was let in has any right, and those have what their kind may
-- have in this version. A role that can write the books got that from version 0.1.0, whose every role could do
-- everything; it becomes an operator, and a DBA may narrow that.
create or replace function unwind_internal.settle_access()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_role name;
    v_access text;
begin
    revoke all on schema unwind, unwind_internal, unwind_compiled, unwind_captured from public;
    revoke all on all routines in schema unwind, unwind_internal, unwind_compiled from public;
    revoke all on all tables in schema unwind, unwind_internal from public;
    for v_role in
        select distinct r.rolname
        from pg_class as c
        cross join lateral aclexplode(c.relacl) as a
        inner join pg_roles as r on r.oid = a.grantee
        where c.relnamespace::regnamespace::text in ('unwind', 'unwind_internal')
            and a.privilege_type in ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE') and a.grantee <> c.relowner
        order by r.rolname
    loop
        perform unwind_internal.grant_access(v_role, 'operator');
        raise warning 'role % could write the engine''s tables, and is an operator now', quote_ident(v_role)
        using detail = 'Nobody writes them any more but the engine''s own functions. An operator acts on all runs.',
            hint = format('If it only runs workflows of its own: '
                'select unwind_internal.grant_access(%L, ''application'');', v_role);
    end loop;
    for v_role, v_access in select g.role_name, g.access from unwind_internal.granted_access() as g loop
        perform unwind_internal.give_access(v_role, v_access);
    end loop;
end
$$;

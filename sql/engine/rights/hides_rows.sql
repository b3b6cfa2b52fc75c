-- Whether a table's policies would hide rows from a role.
create or replace function unwind_internal.hides_rows(target regclass, role_name name)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select exists (
        select from pg_class as c
        inner join pg_roles as r on r.rolname = hides_rows.role_name
        where c.oid = hides_rows.target and c.relrowsecurity and not r.rolsuper and not r.rolbypassrls
            and (c.relforcerowsecurity or not pg_has_role(r.oid, c.relowner, 'USAGE'))
    )
$$;

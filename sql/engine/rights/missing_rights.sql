-- What a role lacks to undo a step by itself: DELETE on the tables from which that deletes, UPDATE on the columns that
-- it clears, EXECUTE on the step's own function; and, where it is asked for whole, a table of which a policy would
-- hide rows from the role.
create or replace function unwind_internal.missing_rights(workflow text, step text, role oid, whole boolean)
returns table (object text, lack text, fix text)
language sql
stable
set search_path = pg_catalog, pg_temp
set jit = off
as $$
    select m.object, m.lack, m.fix
    from unwind.plan_statements as p
    inner join pg_roles as r on r.oid = missing_rights.role
    cross join lateral (
        select p.target::text, 'DELETE', format('grant delete on %s to %I;', p.target, r.rolname)
        where p.action = 'delete' and not has_table_privilege(r.oid, p.target, 'DELETE')
        union all
        select p.target::text, 'UPDATE (' || quote_ident(a.attname) || ')',
            format('grant update (%I) on %s to %I;', a.attname, p.target, r.rolname)
        from pg_attribute as a
        where p.action = 'set null' and a.attrelid = p.target and a.attname = any(p.columns)
            and not has_column_privilege(r.oid, p.target, a.attnum, 'UPDATE')
        union all
        select f.oid::text, 'EXECUTE', format('grant execute on function %s to %I;', f.oid, r.rolname)
        from (select to_regprocedure(p.sources) as oid) as f
        where p.action = 'call' and not has_function_privilege(r.oid, f.oid, 'EXECUTE')
        union all
        select p.target::text, 'BYPASSRLS', format('alter role %I bypassrls;', r.rolname)
        from pg_class as c
        where missing_rights.whole and p.action = 'delete' and c.oid = p.target and c.relrowsecurity
            and not r.rolsuper and not r.rolbypassrls
            and (c.relforcerowsecurity or not pg_has_role(r.oid, c.relowner, 'USAGE'))
    ) as m (object, lack, fix)
    where p.workflow = missing_rights.workflow and p.step = missing_rights.step
    order by p.ordinal, m.lack
$$;

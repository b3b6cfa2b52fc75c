-- Tables of the plan whose policies would hide rows from the current role: undoing fails there rather than miss some.
create or replace function unwind_internal.check_policies(workflow text)
returns table (severity text, code text, object text, message text, fix text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        'error',
        'row_security',
        c.oid::regclass::text,
        format('row-level security of %s would hide rows from role %I, and compensations fail there',
            c.oid::regclass, current_user),
        case
            when c.relforcerowsecurity and pg_has_role(c.relowner, 'USAGE')
                then format('alter table %s no force row level security; -- or undo as a role that has BYPASSRLS',
                    c.oid::regclass)
            else format('alter role %I bypassrls; -- or undo as the owner of the table', current_user)
        end
    from pg_class as c
    where c.oid in (
            select t.target from unwind_internal.planned_tables as t where t.workflow = check_policies.workflow
        )
        and row_security_active(c.oid)
    order by 3
$$;

-- Lets a role in, as an application, an operator or a viewer, or changes as what; says so in the audit log.
-- Errors: 42704 (no such role), UW009 (no such kind, or the engine's owner, who has every right).
create or replace function unwind_internal.grant_access(role_name name, access text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if coalesce(access, '') not in ('application', 'operator', 'viewer') then
        raise 'nobody is let in as %', coalesce(quote_literal(access), 'null')
        using errcode = 'UW009',
            detail = 'A role is an application (its own runs), an operator (all runs) or a viewer (reads all runs).',
            hint = format('select unwind_internal.grant_access(%L, ''application'');', role_name);
    end if;
    if to_regrole(quote_ident(role_name)) = (
        select n.nspowner from pg_namespace as n where n.nspname = 'unwind'
    ) then
        raise 'role % owns the engine, and has every right', quote_ident(role_name)
        using errcode = 'UW009',
            detail = 'What it grants to itself would take away from that.',
            hint = 'Name the role under which the application connects.';
    end if;
    perform unwind_internal.give_access(role_name, access);
    insert into unwind.audit_log (action, role, login, detail)
    values ('granted', unwind_internal.acting_role(), session_user, format('%I: %s', role_name, access));
end
$$;

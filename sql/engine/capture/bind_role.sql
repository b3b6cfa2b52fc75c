-- From now on a role writes to captured tables only inside a run that it has entered; also by SET ROLE, and as the
-- login behind one.
-- Errors: UW010, 42704 (no such role).
create or replace function unwind.bind_role(role_name name)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if to_regrole(quote_ident(role_name)) is null then
        raise 'role % does not exist', coalesce(quote_ident(role_name), 'null')
        using errcode = 'undefined_object',
            detail = 'Only a role of this server can be bound.',
            hint = 'create role ... login;';
    end if;
    perform unwind_internal.set_bound(role_name, true);
end
$$;
comment on function unwind.bind_role(name) is
'Lets a role write to captured tables only inside a run that it has entered. Errors: UW010, 42704.';

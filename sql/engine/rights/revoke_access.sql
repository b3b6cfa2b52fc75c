-- Takes from a role all that it was ever given on the engine: functions, tables, columns, schemas, and the default
-- privileges that version 0.1.0 gave for functions to come.
create or replace function unwind_internal.revoke_access(role_name name)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_schema name;
    v_creator name;
begin
    foreach v_schema in array array['unwind', 'unwind_internal', 'unwind_compiled', 'unwind_captured'] loop
        execute format('revoke all on all routines in schema %I from %I', v_schema, role_name);
        execute format('revoke all on all tables in schema %I from %I', v_schema, role_name);
        execute format('revoke all on all sequences in schema %I from %I', v_schema, role_name);
        execute format('revoke all on schema %I from %I', v_schema, role_name);
    end loop;
    for v_schema, v_creator in
        select distinct d.defaclnamespace::regnamespace::name, d.defaclrole::regrole::name
        from pg_default_acl as d
        cross join lateral aclexplode(d.defaclacl) as a
        where d.defaclnamespace::regnamespace::text in ('unwind', 'unwind_internal', 'unwind_compiled')
            and d.defaclobjtype = 'f'
            and a.grantee = to_regrole(quote_ident(role_name))
            and pg_has_role(d.defaclrole, 'MEMBER')
    loop
        execute format('alter default privileges for role %I in schema %I revoke all on functions from %I',
            v_creator, v_schema, role_name);
    end loop;
end
$$;

-- Lets those call a generated function who may undo runs, as the access list of the dispatcher, which calls it, has
-- them. Functions are everybody's when they are made.
create or replace function unwind_internal.grant_generated(function_name text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_function text;
    v_role name;
begin
    for v_function in
        select p.oid::regprocedure::text
        from pg_proc as p
        where p.pronamespace::regnamespace::text = 'unwind_compiled'
            and format('%I.%I', p.pronamespace::regnamespace, p.proname) = function_name
    loop
        execute format('revoke all on function %s from public', v_function);
        for v_role in
            select distinct r.rolname
            from pg_proc as p
            cross join lateral aclexplode(p.proacl) as a
            inner join pg_roles as r on r.oid = a.grantee
            where p.pronamespace::regnamespace::text = 'unwind_compiled' and p.proname = 'undo_many'
                and a.grantee <> p.proowner
        loop
            execute format('grant execute on function %s to %I', v_function, v_role);
        end loop;
    end loop;
end
$$;

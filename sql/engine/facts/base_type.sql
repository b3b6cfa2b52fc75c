-- The type behind a domain; any other type as it is.
create or replace function unwind_internal.base_type(type oid)
returns oid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_type oid := type;
    v_behind oid := type;
begin
    while v_behind <> 0 loop
        v_type := v_behind;
        select t.typbasetype into v_behind from pg_type as t where t.oid = v_type;
    end loop;
    return v_type;
end
$$;

-- A recorded key as the columns of these roots write it now; null where it is no value of them, or not the same in
-- all.
create or replace function unwind_internal.read_key(roots unwind.plan_statements [], entity_key text [])
returns text []
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_root unwind.plan_statements;
    v_key text [];
    v_read text [];
begin
    foreach v_root in array roots loop
        v_read := unwind_internal.canonical_key(v_root, entity_key);
        if v_key <> v_read then
            return null;
        end if;
        v_key := v_read;
    end loop;
    return v_key;
exception
    when sqlstate 'UW009' then
        return null;
end
$$;

-- The one key by which the rows of all roots of a step are found, as their column types write it, so that 07 and 7 are
-- one integer key.
-- Errors: UW009.
create or replace function unwind_internal.common_key(roots unwind.plan_statements [], entity_key text [])
returns text []
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_root unwind.plan_statements;
    v_key text [];
    v_canonical text [];
begin
    foreach v_root in array roots loop
        v_canonical := unwind_internal.canonical_key(v_root, entity_key);
        v_key := coalesce(v_key, v_canonical);
        if v_key <> v_canonical then
            perform unwind_internal.raise_ambiguous_key(v_root, v_key, v_canonical);
        end if;
    end loop;
    return v_key;
end
$$;

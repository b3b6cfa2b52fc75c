-- Names of the columns that an anchor carries, run last: c1, c2, run_id.
create or replace function unwind_internal.anchor_columns(statement unwind.plan_statements, prefix text default '')
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_list text := '';
begin
    for n in 1..coalesce(cardinality(statement.types), 0) loop
        v_list := v_list || format('%sc%s, ', prefix, n);
    end loop;
    return v_list;
end
$$;

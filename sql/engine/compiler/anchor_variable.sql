-- The variable that holds a column of an anchor: its values, or for one run the value of a key. Beside it <anchor>_run
-- holds whose they are.
create or replace function unwind_internal.anchor_variable(anchor unwind.plan_statements, place int)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return unwind_internal.variable(anchor, case when cardinality(anchor.types) > 1 then '_c' || place else '' end);
end
$$;

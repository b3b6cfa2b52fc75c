-- The name of an anchor: of its arrays in generated functions, and of its CTE in a preview.
create or replace function unwind_internal.anchor(statement unwind.plan_statements)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select 'a' || (statement).ordinal
$$;

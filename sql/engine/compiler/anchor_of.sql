-- The keys or capture that a statement starts from.
create or replace function unwind_internal.anchor_of(statement unwind.plan_statements)
returns unwind.plan_statements
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return unwind_internal.plan_statement((statement).workflow, (statement).anchor);
end
$$;

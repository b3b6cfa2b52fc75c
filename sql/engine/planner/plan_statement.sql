-- A statement of the plan by its number. Without sequential scans, for a query that was planned while there were few
-- statements is kept when there are many.
create or replace function unwind_internal.plan_statement(workflow text, ordinal int)
returns unwind.plan_statements
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
    v_statement unwind.plan_statements;
begin
    select p.* into v_statement
    from unwind.plan_statements as p
    where p.workflow = plan_statement.workflow and p.ordinal = plan_statement.ordinal;
    return v_statement;
end
$$;

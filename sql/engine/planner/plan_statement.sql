-- A statement of the plan. In SQL, which plans it anew on each call: a plan made while the plan is still empty would
-- read all of it ever after.
create or replace function unwind_internal.plan_statement(workflow text, ordinal int)
returns unwind.plan_statements
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select p.*
    from unwind.plan_statements as p
    where p.workflow = plan_statement.workflow and p.ordinal = plan_statement.ordinal
$$;

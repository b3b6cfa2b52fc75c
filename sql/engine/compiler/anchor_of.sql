-- The keys or capture that a statement starts from.
create or replace function unwind_internal.anchor_of(statement unwind.plan_statements)
returns unwind.plan_statements
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select p.*
    from unwind.plan_statements as p
    where p.workflow = (anchor_of.statement).workflow and p.ordinal = (anchor_of.statement).anchor
$$;

-- Whether undoing runs of a workflow by their recorded keys may change captured tables.
-- SECURITY DEFINER, for nobody reads which there are.
create or replace function unwind_internal.reaches_captured(workflow text)
returns boolean
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return exists (
        select from unwind_internal.planned_tables as p
        inner join unwind_internal.captured_tables as c on c.table_name = p.target
        where p.workflow = reaches_captured.workflow
    ) or exists (
        select from unwind.plan_statements as p where p.workflow = reaches_captured.workflow and p.action = 'call'
    );
end
$$;

-- Whether undoing runs by their recorded keys may change captured tables, so that their undo has to be captured.
-- SECURITY DEFINER, for nobody reads which there are.
create or replace function unwind_internal.reaches_captured(numbers bigint [])
returns boolean
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
    return exists (
        select from unwind.workflow_runs as r
        where r.number = any(numbers)
            and (
                exists (
                    select from unwind_internal.planned_tables as p
                    inner join unwind_internal.captured_tables as c on c.table_name = p.target
                    where p.workflow = r.workflow
                )
                or exists (
                    select from unwind.plan_statements as p where p.workflow = r.workflow and p.action = 'call'
                )
            )
    );
end
$$;

-- Errors: UW008, UW009.
create or replace function unwind_internal.assert_purge_arguments(older_than interval, workflow text, max_runs int)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    -- The history of a workflow that was dropped can be purged like any other. Runs are looked through last: no index
    -- has them by workflow.
    if workflow is not null
        and not exists (select from unwind.workflows as w where w.workflow = assert_purge_arguments.workflow)
        and not exists (select from unwind.workflow_runs as r where r.workflow = assert_purge_arguments.workflow)
    then
        perform unwind_internal.assert_workflow(workflow);
    end if;
    if coalesce(older_than, '-1 day') < '0' or older_than > '1000 years' or coalesce(max_runs, 0) < 1 then
        raise 'purge_runs needs an age that is not negative, of 1000 years at most, and at least one run'
        using errcode = 'UW009',
            detail = format('Given were older_than %L and max_runs %L.', older_than, max_runs),
            hint = 'select unwind.purge_runs(older_than => ''90 days'');';
    end if;
end
$$;

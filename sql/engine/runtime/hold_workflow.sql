-- Keeps drop_workflow waiting until the run that is being started can be seen. A snapshot that may be older than a drop
-- does not see it: there the workflow's row is asked, and is an error where it is gone.
-- On the way of each run, so without a search_path of its own, for setting it would cost more than what it does.
create or replace function unwind_internal.hold_workflow(workflow text)
returns void
language plpgsql
as $$
begin
    perform pg_catalog.pg_advisory_xact_lock_shared(unwind_internal.workflow_lock(workflow));
    if pg_catalog.current_setting('transaction_isolation') operator(pg_catalog.<>) 'read committed' then
        perform from unwind.workflows as w
        where w.workflow operator(pg_catalog.=) hold_workflow.workflow
        for key share;
    end if;
end
$$;

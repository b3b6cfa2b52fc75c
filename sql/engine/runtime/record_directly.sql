-- Records a key the short way, as nearly all are: the run is RUNNING, the caller's, and held FOR KEY SHARE from now on,
-- and the workflow's generated function finds nothing to be said about the key. False: go the long way.
-- The caller's search_path stays, for it says which tables the caller means; so everything here is qualified.
create or replace function unwind_internal.record_directly(run_id text, step text, entity_key text [])
returns boolean
language plpgsql
as $$
declare
    v_workflow pg_catalog.text;
    v_may pg_catalog.bool;
begin
    if pg_catalog.current_setting('unwind.is_uncompiled', true) operator(pg_catalog.<>) '' then
        return false;
    end if;
    -- By its id alone: the status has an index too, by which a plan made for a small table would go for ever.
    select
        r.workflow,
        r.status operator(pg_catalog.=) 'RUNNING'
        and (r.claimed_by is null or r.claimed_by operator(pg_catalog.=) unwind_internal.speaker())
    into v_workflow, v_may
    from unwind.workflow_runs as r
    where r.id operator(pg_catalog.=) record_directly.run_id and unwind_internal.may_act(r.started_by)
    for key share;
    return v_may is true and unwind_compiled.record(v_workflow, run_id, step, entity_key);
end
$$;

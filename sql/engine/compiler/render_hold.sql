-- What the function that records begins with: the run is RUNNING, the caller's, and held FOR KEY SHARE from now on. No
-- workflow: it is not, and record_step says what is the matter.
-- By its id alone, whence "is true": the status has an index too, by which a plan made for a small table would go for
-- ever.
create or replace function unwind_internal.render_hold()
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select
        'declare
    workflow pg_catalog.text;
begin
    if pg_catalog.current_setting(''unwind.is_uncompiled'', true) operator(pg_catalog.<>) '''' then
        return false;
    end if;
    select r.workflow into workflow
    from unwind.workflow_runs as r
    where r.id operator(pg_catalog.=) run_id
        and (
            r.status operator(pg_catalog.=) ''RUNNING''
            and (
                r.claimed_by is null
                or r.claimed_by operator(pg_catalog.=) pg_catalog.current_setting(''unwind.worker'', true)
            )
        ) is true
        and unwind_internal.may_act(r.started_by)
    for key share;'
$$;

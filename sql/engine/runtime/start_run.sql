-- Starts a run. A worker given means that it starts claimed. Where the id is a run's already: error; attach gives its
-- latest attempt, for the caller to take part in; new starts the next attempt, once the latest has been undone.
-- On the way of each run, so without a search_path of its own, for setting it would cost a part of what it does.
-- Errors: UW002 (attach: it was undone, or is to be), UW003 (attach: another worker has it), UW008 (workflow), UW013
-- (that id exists), UW009 (empty id, lease not positive, no such if_exists); 42501 for a run of somebody else's.
create or replace function unwind.start_run(
    workflow text,
    run_id text default null,
    business_key text default null,
    metadata jsonb default '{}',
    worker text default null,
    lease interval default '5 minutes',
    if_exists text default 'error'
)
returns text
language plpgsql
security definer
as $$
declare
    v_id pg_catalog.text := coalesce(run_id, pg_catalog.gen_random_uuid()::pg_catalog.text);
begin
    if if_exists operator(pg_catalog.=) 'error' then
        call unwind_internal.begin_run(workflow, v_id, business_key, metadata, worker, lease);
        return v_id;
    end if;
    return unwind_internal.start_or_follow(workflow, v_id, business_key, metadata, worker, lease, if_exists);
end
$$;
comment on function unwind.start_run(text, text, text, jsonb, text, interval, text) is
'Starts a run and returns its id (a uuid where none is given); with a worker it starts claimed. Where the id exists: '
'if_exists => error, attach (to its latest attempt), new (the next attempt, <id>:2, once the latest was undone). '
'Errors: UW002, UW003, UW008, UW009, UW013, 42501.';

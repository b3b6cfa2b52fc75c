-- Starts a run, or takes up one of that id: attach gives its latest attempt, for the caller to take part in; new starts
-- the next attempt, once the latest has been undone.
-- Errors: as start_run.
create or replace function unwind_internal.start_or_follow(
    workflow text, run_id text, business_key text, metadata jsonb, worker text, lease interval, if_exists text
)
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_id text := run_id;
begin
    perform unwind_internal.assert_run_arguments(run_id, worker, lease);
    perform unwind_internal.assert_if_exists(if_exists);
    perform unwind_internal.assert_workflow(workflow);
    loop
        if exists (select from unwind.workflow_runs as r where r.id = v_id) then
            if if_exists = 'attach' then
                return unwind_internal.attach_run(workflow, run_id, worker, lease);
            end if;
            v_id := unwind_internal.next_attempt(run_id);
        end if;
        begin
            call unwind_internal.begin_run(workflow, v_id, business_key, metadata, worker, lease);
            return v_id;
        exception
            when sqlstate 'UW013' then
                -- Somebody was quicker; or the run was purged.
                if not exists (select from unwind.workflow_runs as r where r.id = v_id) then
                    raise;
                end if;
        end;
    end loop;
end
$$;

-- Keeps that somebody undid what only force lets go: a COMPLETED run, or one under another worker's live claim. Once
-- a transaction, for an undo by steps comes by more than once.
create or replace function unwind_internal.note_forced(run unwind.workflow_runs)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
    insert into unwind.audit_log (action, role, login, run_id, detail)
    select 'forced', unwind_internal.acting_role(), session_user, run.id,
        case
            when run.status = 'COMPLETED' then format('COMPLETED at %s', run.completed_at)
            else format('claimed by %s until %s', run.claimed_by, run.lease_expires_at)
        end
    where not exists (
        select from unwind.audit_log as a where a.run_id = run.id and a.action = 'forced' and a.at >= now()
    )
$$;

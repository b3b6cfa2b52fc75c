-- Runs that nobody is at work on and that wait to be undone: failed ones, and those whose worker let its lease expire.
-- Not those whose undo was taken back (held_at), and not the unclaimed ones that are RUNNING: only a person knows about
-- those (unwind.stuck_runs).
create or replace view unwind_internal.due_runs as
select r.id, r.workflow, r.created_at, r.updated_at, r.retry_count, r.retry_at, r.started_by
from unwind.workflow_runs as r
where r.status in ('FAILED', 'RUNNING', 'COMPENSATING')
    and r.held_at is null
    and (r.claimed_by is not null or r.status = 'FAILED')
    and (r.claimed_by is null or r.lease_expires_at <= (select unwind_internal.clock()));
comment on view unwind_internal.due_runs is 'Runs that wait to be undone, those among them that were tried before.';

-- The keys of runs that are to be undone, for the generated functions: those of runs on which the caller may act.
create or replace view unwind_internal.live_keys with (security_barrier) as
select r.id as run_id, l.step, l.entity_key
from unwind.workflow_runs as r
inner join unwind_internal.ledger as l on r.id = l.run_id
where unwind_internal.may_act(r.started_by) and l.compensated_at is null and l.released_at is null;
comment on view unwind_internal.live_keys is 'What is left to undo of the runs on which the caller may act.';

-- The ledger as people read it: a step is undone by itself, or with its run. An application sees that of its own runs
-- (see the policy of unwind.workflow_runs, of which a view of the owner's knows nothing).
create or replace view unwind.run_steps with (security_barrier) as
select
    r.id as run_id,
    l.step,
    l.entity_key,
    l.recorded_at,
    coalesce(l.compensated_at, case when r.status = 'COMPENSATED' and l.released_at is null then r.updated_at end)
    as compensated_at,
    l.released_at,
    l.released_by
from unwind_internal.ledger as l
inner join unwind.workflow_runs as r on l.run_id = r.id
where r.started_by = session_user
    or (select unwind_internal.sees_any_run())
    or unwind_internal.may_act(r.started_by);
comment on view unwind.run_steps is 'The ledger: which entity keys each step of a run created.';
comment on column unwind.run_steps.entity_key is 'Values of the root''s key columns, as text.';
comment on column unwind.run_steps.compensated_at is
'When the step was undone; null: its rows are live, or were released.';
comment on column unwind.run_steps.released_at is
'When release_entity took the entity out of the run''s undo: its row is kept, and nobody''s.';
comment on column unwind.run_steps.released_by is 'The role in effect that released it.';

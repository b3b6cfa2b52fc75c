-- The receipts that the caller may see, a row per run and undo: an application those of its own runs, while the run is
-- kept.
create or replace view unwind_internal.visible_receipts with (security_barrier) as
select
    c.run_id, c.entry, c.steps, c.tables, c.counts, c.compensated_at, c.compensated_by, c.login, c.reverted,
    c.reinserted, c.skipped, c.kind
from unwind_internal.receipts as c
where
    exists (
        select from unwind.workflow_runs as r where r.id = c.run_id and unwind_internal.may_act(r.started_by)
    )
    or (select unwind_internal.sees_any_run());
comment on view unwind_internal.visible_receipts is 'What unwind.compensations shows, a row per run and undo.';

-- How far the undos in batches have come that are not done yet. An application sees its own runs.
create or replace view unwind.progress with (security_barrier) as
select
    p.run_id,
    p.place as ordinal,
    p.step,
    p.table_name,
    p.rows_done,
    p.rows_expected,
    p.updated_at
from unwind_internal.batch_progress as p
inner join unwind.workflow_runs as r on p.run_id = r.id
where r.status <> 'COMPENSATED'
    and (
        r.started_by = session_user
        or (select unwind_internal.sees_any_run())
        or unwind_internal.may_act(r.started_by)
    );
comment on view unwind.progress is
'Undos in batches that are not done: rows deleted and expected per step and table, in the order of deletion.';
comment on column unwind.progress.rows_expected is
'Counted when the undo began, or was taken up again; rows that came since are deleted too.';
comment on column unwind.progress.updated_at is 'When its last batch began; the table at work has the latest.';

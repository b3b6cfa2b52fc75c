-- What waits, as numbers to watch: a row for each workflow that has live runs. An application counts its own.
create or replace view unwind.backlog with (security_barrier) as
with clock as (
    select unwind_internal.clock() as now
),

stuck as (
    select
        s.workflow, count(*) filter (where s.reason <> 'conflict') as runs,
        count(*) filter (where s.reason = 'conflict') as conflicts
    from unwind.stuck_runs as s
    group by s.workflow
)

select
    r.workflow,
    count(*) filter (where d.id is not null and coalesce(d.retry_at, '-infinity') <= c.now) as due,
    count(*) filter (where d.retry_at > c.now and d.retry_at < 'infinity') as pausing,
    coalesce(max(s.runs), 0) as stuck,
    count(*) filter (where r.status = 'COMPENSATING') as compensating,
    count(*) filter (where r.status = 'RUNNING') as running,
    c.now - min(r.updated_at) filter (
        where d.id is not null and coalesce(d.retry_at, '-infinity') <= c.now
    ) as longest_wait,
    coalesce(max(s.conflicts), 0) as conflicts
from unwind.workflow_runs as r
left join unwind_internal.due_runs as d on r.id = d.id
left join stuck as s on r.workflow = s.workflow
cross join clock as c
where r.status in ('FAILED', 'RUNNING', 'COMPENSATING')
    and (
        r.started_by = session_user
        or (select unwind_internal.sees_any_run())
        or unwind_internal.may_act(r.started_by)
    )
group by r.workflow, c.now;
comment on view unwind.backlog is 'Per workflow, how many live runs wait for what: numbers for monitoring.';
comment on column unwind.backlog.due is 'Runs that the next recover_runs will try.';
comment on column unwind.backlog.pausing is 'Runs that failed to be undone and wait for their next try.';
comment on column unwind.backlog.stuck is 'Runs that wait for a person: unwind.stuck_runs, but conflicts.';
comment on column unwind.backlog.compensating is 'Runs that are being undone in batches.';
comment on column unwind.backlog.running is 'Runs at work, those whose lease has expired among them.';
comment on column unwind.backlog.longest_wait is 'How long ago the due run that waits longest was last touched.';
comment on column unwind.backlog.conflicts is
'Runs whose undo was refused for captured rows that somebody else has changed since; sweeps try them again, in pauses.';

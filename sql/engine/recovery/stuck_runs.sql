-- What no sweeper will undo, and a person has to decide. Silent is who touched nothing for longer than the setting
-- unwind.stuck_after, a day by default. An application sees its own runs.
create or replace view unwind.stuck_runs with (security_barrier) as
select
    s.id as run_id,
    s.workflow,
    s.business_key,
    s.status,
    case
        when s.retry_at = 'infinity' then 'gave up'
        when s.status = 'COMPENSATING' then 'half undone'
        else 'silent'
    end as reason,
    s.last_error,
    s.retry_count as tries,
    s.now - s.last_seen as age,
    case s.status
        when 'COMPENSATING' then format('call unwind.compensate_run_in_batches(%L);', s.id)
        else format('select * from unwind.compensate_run(%L);', s.id)
    end as command
from (
    select
        r.*,
        c.now,
        coalesce(
            greatest(
                r.updated_at, (select max(l.recorded_at) from unwind_internal.ledger as l where l.run_id = r.id)
            ), r.created_at
        ) as last_seen
    from unwind.workflow_runs as r
    cross join (select unwind_internal.clock() as now) as c
    where r.status in ('FAILED', 'RUNNING', 'COMPENSATING')
        and (r.retry_at = 'infinity' or (r.claimed_by is null and r.status <> 'FAILED'))
        and (
            r.started_by = session_user
            or (select unwind_internal.sees_any_run())
            or unwind_internal.may_act(r.started_by)
        )
) as s
where s.retry_at = 'infinity'
    or s.status = 'COMPENSATING'
    or s.last_seen < s.now - coalesce(nullif(current_setting('unwind.stuck_after', true), ''), '1 day')::interval;
comment on view unwind.stuck_runs is
'Runs that recover_runs leaves to a person, with the error and the command to type; select * from '
'unwind.preview_run(run_id) first.';
comment on column unwind.stuck_runs.reason is
'gave up: tried as often as allowed; half undone: an undo in batches was interrupted and released; silent: RUNNING, '
'unclaimed, and nothing recorded for longer than unwind.stuck_after (default 1 day): it may still be at work.';
comment on column unwind.stuck_runs.tries is 'Failed tries to compensate it.';
comment on column unwind.stuck_runs.age is 'Time since the run was last touched.';

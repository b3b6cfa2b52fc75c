-- What no sweeper will undo, and a person has to decide. Silent is who touched nothing for longer than the setting
-- unwind.stuck_after, a day by default. A conflict is a run that changed captured rows which somebody else has changed
-- since: sweeps try it again, for that may be undone, too; a person can skip those rows. Held is a run that sweeps pass
-- by, for somebody holds its row; not where that has been at work for less than a minute, as a sweep or an undo is. An
-- application sees its own runs.
create or replace view unwind.stuck_runs with (security_barrier) as
with clock as (
    select unwind_internal.clock() as now
),

live as (
    select
        r.*,
        c.now,
        d.id is not null and coalesce(r.retry_at, '-infinity') <= c.now as is_due,
        r.status = 'FAILED' and r.held_at is null and unwind_internal.is_conflict(r.last_error) as is_conflict,
        coalesce(
            greatest(
                r.updated_at, (select max(l.recorded_at) from unwind_internal.ledger as l where l.run_id = r.id)
            ), r.created_at
        ) as last_seen
    from unwind.workflow_runs as r
    cross join clock as c
    left join unwind_internal.due_runs as d on r.id = d.id
    where r.status in ('FAILED', 'RUNNING', 'COMPENSATING')
        and (
            r.started_by = session_user
            or (select unwind_internal.sees_any_run())
            or unwind_internal.may_act(r.started_by)
        )
),

waiting as (
    select l.*
    from live as l
    where l.is_due
        or l.is_conflict
        or l.retry_at = 'infinity'
        or l.held_at is not null
        or l.claimed_by is null and l.status = 'COMPENSATING'
        or l.claimed_by is null and l.status = 'RUNNING' and l.last_seen
        < l.now - coalesce(nullif(current_setting('unwind.stuck_after', true), ''), '1 day')::interval
),

held as (
    select
        h.run_id,
        string_agg(
            unwind_internal.describe_holder(h.pid, h.gid, h.login, h.application, h.state, h.since), ' and '
            order by h.since
        ) as held_by,
        min(unwind_internal.end_holder(h.pid, h.gid)) as ending
    from unwind_internal.find_holders_of(array(select w.id from waiting as w)) as h
    cross join clock as c
    where h.state is distinct from 'active' or h.since < c.now - interval '1 minute'
    group by h.run_id
)

select
    w.id as run_id,
    w.workflow,
    w.business_key,
    w.status,
    case
        when w.held_at is not null then 'restored'
        when w.is_conflict then 'conflict'
        when w.retry_at = 'infinity' then 'gave up'
        when w.is_due then 'held'
        when w.status = 'COMPENSATING' then 'half undone'
        else 'silent'
    end as reason,
    w.last_error,
    w.retry_count as tries,
    w.now - w.last_seen as age,
    case
        when w.held_at is not null then format('select * from unwind.preview_run(%L);', w.id)
        when w.is_conflict then format('select * from unwind.find_changes(%L);', w.id)
        when w.is_due then h.ending
        when w.status = 'COMPENSATING' then format('call unwind.compensate_run_in_batches(%L);', w.id)
        else format('select * from unwind.compensate_run(%L);', w.id)
    end as command,
    h.held_by
from waiting as w
left join held as h on w.id = h.run_id
where h.run_id is not null or w.is_conflict or not w.is_due;
comment on view unwind.stuck_runs is
'Runs that recover_runs leaves to a person, with the error and the command to type; select * from '
'unwind.preview_run(run_id) first.';
comment on column unwind.stuck_runs.reason is
'conflict: rows that it changed were changed by somebody else since, or cannot come back as they were; '
'restored: its undo was taken back; fail_run leaves it to the sweeps again, compensate_run undoes it; '
'gave up: tried as often as allowed; held: due, but somebody holds its row; half undone: an undo in batches was '
'interrupted and released; silent: RUNNING, unclaimed, and nothing recorded for longer than unwind.stuck_after '
'(default 1 day): it may still be at work.';
comment on column unwind.stuck_runs.tries is 'Failed tries to compensate it.';
comment on column unwind.stuck_runs.age is 'Time since the run was last touched.';
comment on column unwind.stuck_runs.held_by is
'Who holds its row, so that nobody can undo it yet: session or prepared transaction, since when.';

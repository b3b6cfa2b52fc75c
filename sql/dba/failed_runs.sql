-- Lists the runs that wait to be undone, the longest untouched first, each with its error and the command to type.
--
-- When: Something failed, or an alarm on unwind.backlog went off: begin here.
--
--     psql -f failed_runs.sql
--     psql -v workflow=<workflow> -f failed_runs.sql
--     psql -v since=yesterday -v until=today -f failed_runs.sql
--     psql -v silent='2 hours' -f failed_runs.sql
--     psql -v limit=1000 -f failed_runs.sql
--
-- since, until: only runs started since then, and before until; times as PostgreSQL reads them. limit: so many (default:
-- 20); of_runs says how many there are.
--
-- Why a run is listed. The next recover_runs will try it: failed, lease expired, half undone (in batches, and
-- abandoned); or later: pausing, after a try that failed. No sweeper will (unwind.stuck_runs), so a person decides:
-- gave up, half undone, or silent: RUNNING, unclaimed, and untouched for longer than "silent" (default: 1 hour). The
-- silent may still be at work: look first. A conflict (somebody else has changed captured rows since) is tried again,
-- and may want a person. Restored: its undo was taken back, and it is left alone until somebody takes it up. Runs under
-- a live claim are their worker's. Changes nothing.
\ir parts/settings.sql
\if :{?silent}
\else
    \set silent '1 hour'
\endif
\if :{?limit}
\else
    \set limit 20
\endif
\if :{?since}
\else
    \set since -infinity
\endif
\if :{?until}
\else
    \set until infinity
\endif
\ir parts/one_workflow.sql

-- For the session; what it was is put back at the end.
select coalesce(pg_catalog.current_setting('unwind.stuck_after', true), '') as stuck_after \gset
select pg_catalog.set_config('unwind.stuck_after', :'silent', false) as silent \gset

\echo
\echo Runs that wait to be undone (no row: none)
select
    w.id as run,
    w.workflow,
    w.business_key,
    w.reason,
    w.tries,
    pg_catalog.date_trunc('second', w.retry_at) as next_try,
    pg_catalog.date_trunc('second', w.created_at) as started,
    pg_catalog.date_trunc('second', w.age) as untouched_for,
    pg_catalog.split_part(coalesce(w.last_error, ''), e'\n', 1) as error,
    w.command,
    pg_catalog.count(*) over () as of_runs
from (
    select
        s.run_id as id, s.workflow, s.business_key, s.reason, s.tries, null as retry_at, r.created_at, s.age,
        s.last_error, s.command
    from unwind.stuck_runs as s
    inner join unwind.workflow_runs as r on s.run_id operator(pg_catalog.=) r.id
    union all
    select
        r.id,
        r.workflow,
        r.business_key,
        case
            when d.retry_at operator(pg_catalog.>) unwind_internal.clock() then 'pausing'
            when r.status operator(pg_catalog.=) 'FAILED' then 'failed'
            when r.status operator(pg_catalog.=) 'COMPENSATING' then 'half undone'
            else 'lease expired'
        end,
        r.retry_count,
        r.retry_at,
        r.created_at,
        unwind_internal.clock() operator(pg_catalog.-) r.updated_at,
        r.last_error,
        case
            when r.status operator(pg_catalog.=) 'COMPENSATING'
                then pg_catalog.format('call unwind.compensate_run_in_batches(%L);', r.id)
            else pg_catalog.format('select * from unwind.compensate_run(%L);', r.id)
        end
    from unwind_internal.due_runs as d
    inner join unwind.workflow_runs as r on d.id operator(pg_catalog.=) r.id
    where (d.retry_at is null or d.retry_at operator(pg_catalog.<>) 'infinity')
        and not unwind_internal.is_conflict(r.last_error)
) as w
where (w.workflow operator(pg_catalog.=) :'workflow' or :'workflow' operator(pg_catalog.=) ''::pg_catalog.text)
    and w.created_at operator(pg_catalog.>=) :'since'::pg_catalog.timestamptz
    and w.created_at operator(pg_catalog.<) :'until'::pg_catalog.timestamptz
order by w.age desc, w.id
limit :limit \gx

select pg_catalog.set_config('unwind.stuck_after', :'stuck_after', false) as stuck_after \gset

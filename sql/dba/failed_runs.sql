-- Lists the runs that wait to be undone, the longest untouched first, each with its error and the command to type.
--
--     psql -f sql/dba/failed_runs.sql
--     psql -v workflow=<workflow> -f sql/dba/failed_runs.sql
--     psql -v silent='2 hours' -f sql/dba/failed_runs.sql
--
-- Why a run is listed. The next recover_runs will try it: failed, lease expired, half undone (in batches, and
-- abandoned); or later: pausing, after a try that failed. No sweeper will (unwind.stuck_runs), so a person decides:
-- gave up, half undone, or silent: RUNNING, unclaimed, and untouched for longer than "silent" (default: 1 hour).
-- The silent may still be at work: look first. Runs under a live claim are their worker's. Changes nothing.
\set ON_ERROR_STOP on
\if :{?silent}
\else
    \set silent '1 hour'
\endif
\if :{?workflow}
    -- Raises UW008 where there is no such workflow: an empty list would be an all-clear.
    select unwind_internal.assert_workflow(:'workflow') as defined \gset
\else
    \set workflow ''
\endif

-- For the session; what it was is put back at the end.
select coalesce(pg_catalog.current_setting('unwind.stuck_after', true), '') as stuck_after \gset
select pg_catalog.set_config('unwind.stuck_after', :'silent', false) as silent \gset

\echo
\echo Runs that wait to be undone
select
    w.id as run,
    w.workflow,
    w.business_key,
    w.reason,
    w.tries,
    pg_catalog.date_trunc('second', w.age) as age,
    pg_catalog.split_part(coalesce(w.last_error, ''), e'\n', 1) as error,
    -- Quoted for a shell; a run id of plain characters needs no quotes.
    case
        when w.in_batches then pg_catalog.format('psql -c ''%s''', pg_catalog.replace(w.command, '''', '''\'''''))
        when w.id operator(pg_catalog.~) '^[A-Za-z0-9._:-]+$'
            then pg_catalog.format('psql -v run=%s -f sql/dba/undo_run.sql', w.id)
        else pg_catalog.format('psql -v run=''%s'' -f sql/dba/undo_run.sql', pg_catalog.replace(w.id, '''', '''\'''''))
    end as command
from (
    select
        s.run_id as id, s.workflow, s.business_key, s.reason, s.tries, s.age, s.last_error,
        s.status operator(pg_catalog.=) 'COMPENSATING' as in_batches, s.command
    from unwind.stuck_runs as s
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
        unwind_internal.clock() operator(pg_catalog.-) r.updated_at,
        r.last_error,
        r.status operator(pg_catalog.=) 'COMPENSATING',
        pg_catalog.format('call unwind.compensate_run_in_batches(%L);', r.id)
    from unwind_internal.due_runs as d
    inner join unwind.workflow_runs as r on d.id operator(pg_catalog.=) r.id
    where d.retry_at is null or d.retry_at operator(pg_catalog.<>) 'infinity'
) as w
where w.workflow operator(pg_catalog.=) :'workflow' or :'workflow' operator(pg_catalog.=) ''::pg_catalog.text
order by w.age desc, w.id;

select pg_catalog.set_config('unwind.stuck_after', :'stuck_after', false) as stuck_after \gset

-- Lists the runs that wait to be undone, oldest first, each with its error and the command to type.
--
--     psql -f sql/dba/failed_runs.sql
--     psql -v workflow=<workflow> -f sql/dba/failed_runs.sql
--     psql -v silent='2 hours' -f sql/dba/failed_runs.sql
--
-- Why a run is listed: it failed; its compensation was interrupted; its worker's lease has expired; or it is
-- RUNNING, unclaimed, and has been silent for longer than "silent" (default: 1 hour). The last two may still
-- be at work: look first. Changes nothing.
\set ON_ERROR_STOP on
\if :{?silent}
\else
    \set silent '1 hour'
\endif
\if :{?workflow}
\else
    \set workflow ''
\endif

\echo
\echo Runs that wait to be undone
select
    w.id as run,
    w.workflow,
    w.business_key,
    w.reason,
    date_trunc('second', now() - w.last_seen) as age,
    split_part(coalesce(w.last_error, ''), e'\n', 1) as error,
    -- A run id of plain characters needs no quotes in a shell.
    format(
        'psql -v run=%s -f sql/dba/undo_run.sql',
        case
            when w.id ~ '^[A-Za-z0-9._:-]+$' then w.id
            else '''' || replace(w.id, '''', '''\''''') || ''''
        end
    ) as command
from (
    select
        r.*,
        s.last_seen,
        case
            when r.status = 'FAILED' then 'failed'
            when r.status = 'COMPENSATING' then 'half undone'
            when r.lease_expires_at <= now() then 'lease expired'
            when r.claimed_by is null and s.last_seen < now() - :'silent'::interval then 'silent'
        end as reason
    from unwind.workflow_runs as r
    cross join lateral (
        select greatest(r.updated_at, max(l.recorded_at)) as last_seen
        from unwind.run_steps as l
        where l.run_id = r.id
    ) as s
    where r.status in ('RUNNING', 'FAILED', 'COMPENSATING')
        and (r.workflow = :'workflow' or :'workflow' = '')
) as w
where w.reason is not null
order by w.last_seen, w.id;

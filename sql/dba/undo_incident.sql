-- Undoes the runs of a workflow that were started in a window of time, newest first, each in a transaction of its own;
-- then together those that were refused for rows in their way, which may be each other's.
--
-- When: a release, a wrong price list or a broken partner made a whole window of runs bad.
--
--     psql -v workflow=<workflow> -v since='2026-01-31 13:00' -v until='2026-01-31 15:30' -f undo_incident.sql
--     psql -v workflow=<workflow> -v since=yesterday -v until=today -v go=1 -f undo_incident.sql
--     psql -v workflow=<workflow> -v since=… -v until=… -v status=COMPLETED -v force=true -v go=1 -f undo_incident.sql
--     psql -v workflow=<workflow> -v since=… -v until=… -v on_conflict=skip -v go=1 -f undo_incident.sql
--
-- Without go=1 it only shows what would be deleted. since and until: times as PostgreSQL reads them; until itself is
-- not in the window. status: which of them, FAILED by default; COMPLETED and those under a live claim want force=true.
-- A run whose undo is refused, or leaves a row, stays as it was: it is listed at the end with its error, and psql ends
-- with status 3. Called again it goes on with those that are left. Runs whose undo was taken back are left out
-- (undo_run.sql takes them). on_conflict and locks: as in undo_run.sql.
\ir parts/settings.sql
\if :{?workflow}
\else
    \warn 'usage: psql -v workflow=<workflow> -v since=<time> -v until=<time> -f undo_incident.sql'
    do $$ begin raise 'no workflow was given'; end $$;
\endif
\if :{?since}
\else
    \warn 'usage: psql -v workflow=<workflow> -v since=<time> -v until=<time> -f undo_incident.sql'
    do $$ begin raise 'when it began was not given'; end $$;
\endif
\if :{?until}
\else
    \warn 'usage: psql -v workflow=<workflow> -v since=<time> -v until=<time> -f undo_incident.sql'
    do $$ begin raise 'when it ended was not given'; end $$;
\endif
\if :{?status}
\else
    \set status FAILED
\endif
\if :{?force}
\else
    \set force false
\endif
\ir parts/no_transaction.sql

-- Raises UW008 where there is no such workflow.
select unwind.describe_workflow(:'workflow') is not null as is_defined \gset
select coalesce(pg_catalog.array_agg(r.id order by r.created_at desc, r.id desc), '{}') as runs
from unwind.find_runs(
    workflow => :'workflow', status => :'status', since => :'since', until => :'until', max_runs => 2147483647
) as r
where r.held_at is null \gset
\ir parts/undo_each.sql

-- Shows how far the undos in batches are that are not done yet. Changes nothing.
--
-- When: compensate_run_in_batches is at work, or was stopped. Again and again: \watch 2 after it.
--
--     psql -f progress.sql
--
-- A run that nobody is at any more goes on by the call that is shown.
\ir parts/settings.sql

\echo
\echo Undos in batches (no row: none)
select
    p.run_id as run,
    pg_catalog.sum(p.rows_done) as rows_done,
    pg_catalog.sum(greatest(p.rows_expected, p.rows_done)) as of_rows,
    pg_catalog.date_trunc('second', pg_catalog.now() operator(pg_catalog.-) pg_catalog.max(p.updated_at))
        as since_last_batch,
    pg_catalog.max(r.claimed_by) as claimed_by,
    pg_catalog.format('call unwind.compensate_run_in_batches(%L);', p.run_id) as to_go_on
from unwind.progress as p
inner join unwind.workflow_runs as r on p.run_id operator(pg_catalog.=) r.id
group by p.run_id
order by pg_catalog.max(p.updated_at) desc \gx

\echo By table (no row: none)
select p.run_id as run, p.step, p.table_name, p.rows_done, p.rows_expected
from unwind.progress as p
where p.rows_expected operator(pg_catalog.>) 0 or p.rows_done operator(pg_catalog.>) 0
order by p.run_id, p.ordinal;

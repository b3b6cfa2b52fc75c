-- Undoes what nobody undid: FAILED runs, and claimed ones whose lease has run out. One sweep, as a scheduler calls it.
--
-- When: nothing sweeps here yet, or it has to be done now.
--
--     psql -f recover.sql
--     psql -v go=1 -f recover.sql
--     psql -v workflow=<workflow> -v go=1 -f recover.sql
--
-- Without go=1 it only shows what waits. Each run goes as a whole or not at all; what could not be undone is told, kept
-- with the run, and tried again by a later sweep (failed_runs.sql).
\ir parts/settings.sql
\ir parts/no_transaction.sql
\ir parts/one_workflow.sql

\echo
\echo What waits (no row: nothing)
select b.workflow, b.due, b.pausing, b.stuck, b.conflicts, b.longest_wait
from unwind.backlog as b
where b.workflow operator(pg_catalog.=) :'workflow' or :'workflow' operator(pg_catalog.=) ''::pg_catalog.text
order by b.workflow;
\if :go
    \echo What the sweep did
    select :'workflow' operator(pg_catalog.<>) ''::pg_catalog.text as of_one \gset
    \if :of_one
        call unwind.recover_runs(workflow => :'workflow');
    \else
        call unwind.recover_runs();
    \endif
\else
    \echo Nothing is changed. To undo what is due: the same again with -v go=1
\endif

-- Removes the engine, with its tables and all receipts in them. Refused while runs are live (55006).
--
-- When: this database is to do without pgunwind. Your own tables stay as they are.
--
--     psql -f uninstall.sql
--     psql -v go=1 -f uninstall.sql
--
-- Without go=1 it only counts what would be lost. One transaction, by the engine's owner.
\ir parts/settings.sql
\ir parts/no_transaction.sql

\echo
\echo Runs of each workflow by status, which would be forgotten with their receipts
select r.workflow, r.status, pg_catalog.count(*) as runs
from unwind.workflow_runs as r
group by r.workflow, r.status
order by r.workflow, r.status;
\if :go
    begin transaction isolation level read committed;
    set local client_min_messages = warning;
    \ir parts/remove_engine.sql
    drop schema unwind cascade;
    commit;
    \echo pgunwind is removed.
\else
    \echo Nothing is changed. To remove it: the same again with -v go=1
\endif

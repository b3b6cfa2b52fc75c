-- Gives a role what an application needs to run workflows and to undo them. Safe to run again.
--
--     psql -v role=<role> -f sql/dba/grant_access.sql
--
-- Run it as the owner of the engine, after installing it. The role may then start, record, complete, fail,
-- preview, compensate, recover and verify runs, look for orphans, and call check_workflow, which says what rights it
-- lacks. It may not purge history, nor define or compile workflows, nor undo in batches, which counts its receipts
-- along: those stay with the owner.
--
-- All functions are security invoker. So the role also needs rights on your own tables: select and delete on
-- every table that a compensation deletes from, select on tables that refer to those, update where a link is
-- set null. Nothing here grants them.
\set ON_ERROR_STOP on
\if :{?role}
\else
    \warn 'usage: psql -v role=<role> -f sql/dba/grant_access.sql'
    do $$ begin raise 'no role was given'; end $$;
\endif

begin;

grant usage on schema unwind, unwind_internal, unwind_compiled to :"role";
grant execute on all functions in schema unwind, unwind_internal, unwind_compiled to :"role";

-- Functions that come later: of workflows defined after this, and of newer versions of the engine. They count
-- for what the role that runs this script creates.
alter default privileges in schema unwind, unwind_internal, unwind_compiled
grant execute on functions to :"role";

-- Catalog and plan: to read. start_run locks its workflow's row FOR KEY SHARE, for which PostgreSQL asks for
-- UPDATE on a column.
grant select on
unwind.workflows, unwind.workflow_steps, unwind.step_roots, unwind.logical_foreign_keys,
unwind.plan_statements, unwind_internal.plan_ways, unwind_internal.planned_tables, unwind_internal.foreign_keys,
unwind_internal.planned_columns, unwind_internal.definition_columns, unwind_internal.due_runs,
unwind_internal.batch_progress, unwind.stuck_runs, unwind.backlog, unwind.progress
to :"role";
grant update (description) on unwind.workflows to :"role";

-- Runs and ledger: to write. Nothing is deleted from them. Receipts are only added.
grant select, insert, update on unwind.workflow_runs, unwind_internal.ledger, unwind.entity_owners to :"role";
grant select on unwind.run_steps, unwind.compensations to :"role";
grant select, insert on unwind_internal.receipts to :"role";

commit;
\echo Role :role may use pgunwind.

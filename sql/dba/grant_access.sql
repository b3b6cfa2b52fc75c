-- Lets a role in, or changes as what; safe to run again. What each kind may do: docs/rights.md.
--
-- When: an application, an operator or a dashboard is to use the engine.
--
--     psql -v role=<role> -v as=application -f grant_access.sql
--     psql -v role=<role> -v as=operator -f grant_access.sql
--     psql -v role=<role> -v as=viewer -f grant_access.sql
--
-- application: starts, records, ends and undoes runs, its own: those that it, or a role it is a member of, started.
-- operator: the same with everybody's, and purges what is old. viewer: reads everybody's, and changes nothing.
--
-- Run it as the owner of the engine, after installing it. All else that the role had on the engine is taken from it
-- first, so naming another kind narrows as well as widens. Definitions stay with the owner.
--
-- What is yours is deleted with the rights of whoever undoes. So an application and an operator also need rights on
-- your own tables: select and delete on every table that a compensation deletes from, select on tables that refer to
-- those, update where a link is set null. Nothing here grants them; unwind.check_workflow says what is lacking.
\ir parts/settings.sql
\if :{?role}
\else
    \warn 'usage: psql -v role=<role> -v as=<application|operator|viewer> -f grant_access.sql'
    do $$ begin raise 'no role was given'; end $$;
\endif
\if :{?as}
\else
    \warn 'usage: psql -v role=<role> -v as=<application|operator|viewer> -f grant_access.sql'
    do $$ begin raise 'as what the role is let in was not given'; end $$;
\endif

select unwind_internal.grant_access(:'role', :'as') as granted \gset
\echo Role :role may use pgunwind as :as.

-- Installs the reference workflow: psql -f install.sql, or psql -v schema=other -f install.sql
-- Needs the engine (sql/install.sql). In one transaction; running it again changes nothing.
\set ON_ERROR_STOP on
\if :{?schema}
\else
    \set schema client_to_delivery
\endif

\set QUIET on
\pset format unaligned
\pset tuples_only on

begin transaction isolation level read committed;
set local client_min_messages = warning;
create schema if not exists :"schema";
set local search_path = :"schema";
\ir tables.sql
\ir workflow.sql
\ir compensations.sql
commit;

\echo client_to_delivery is installed in schema :schema

-- What every script of this folder begins with.
\set ON_ERROR_STOP on
-- What is asked for is printed, and no more. A pager waits for a key, and an open transaction with it, and with that
-- all who want the same rows.
\set QUIET on
\pset pager off
-- Message, detail and hint say what to do; the functions that the error came through would bury them.
\set SHOW_CONTEXT never
-- Nobody waits for ever: ten seconds for a lock, unless the session has said how long, or -v lock_timeout does.
\if :{?lock_timeout}
\else
    select coalesce(pg_catalog.max(s.setting), '10s') as lock_timeout
    from (values (pg_catalog.current_setting('lock_timeout'))) as s (setting)
    where s.setting operator(pg_catalog.<>) '0' \gset
\endif
select pg_catalog.set_config('lock_timeout', :'lock_timeout', false) as lock_timeout \gset
-- What changes something only shows what it would do, unless -v go=1.
\if :{?go}
\else
    \set go 0
\endif
-- What an undo does about captured rows that somebody else has changed since.
\if :{?on_conflict}
\else
    \set on_conflict refuse
\endif

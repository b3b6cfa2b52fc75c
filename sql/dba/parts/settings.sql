-- What every script of this folder begins with.
\set ON_ERROR_STOP on
-- A pager waits for a key, and an open transaction with it, and with that all who want the same rows.
\set quiet_before :QUIET
\set QUIET on
\pset pager off
\set QUIET :quiet_before
-- Message, detail and hint say what to do; the functions that the error came through would bury them.
\set SHOW_CONTEXT never

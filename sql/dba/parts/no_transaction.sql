-- For scripts that commit: refused inside a transaction, which they would commit with what they did. What is set for a
-- transaction outlasts a statement only where one is open.
select pg_catalog.set_config('unwind.is_open', 'true', true) as probe \gset
select coalesce(pg_catalog.current_setting('unwind.is_open', true), '') operator(pg_catalog.=) 'true' as is_open \gset
\if :is_open
    do $$ begin raise 'this script commits, and cannot run inside a transaction'
        using errcode = 'active_sql_transaction',
            detail = 'A transaction is open, be it by begin, by psql -1 or by \set AUTOCOMMIT off.',
            hint = 'End it first: rollback; To see what would be done, without doing it: show_run.sql.'; end $$;
\endif

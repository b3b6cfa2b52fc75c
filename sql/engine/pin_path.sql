-- psql's first file: what is installed must mean the same whoever installs it. While the others run, names without a
-- schema are PostgreSQL's own, whatever stands on the installer's search_path: views, defaults and conditions are
-- bound to what they find there for good. And all of it is done in READ COMMITTED, for so definitions want it: the
-- transaction around all files (psql -1), which can be changed by its first statement alone, or those that follow. Not
-- by "set transaction", which warns where there is none. Python and alembic, which run the files in transactions of
-- theirs, see to both themselves.
set transaction_isolation = 'read committed';
do $$
begin
    perform pg_catalog.set_config('unwind.path_before', pg_catalog.current_setting('search_path'), false);
    perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', false);
    perform pg_catalog.set_config(
        'unwind.isolation_before', pg_catalog.current_setting('default_transaction_isolation'), false
    );
    perform pg_catalog.set_config('default_transaction_isolation', 'read committed', false);
end
$$;

-- psql's first file: what is installed must mean the same whoever installs it. While the others run, names without a
-- schema are PostgreSQL's own, whatever stands on the installer's search_path: views, defaults and conditions are
-- bound to what they find there for good. Python and
-- alembic, which run the files in transactions of theirs, pin it themselves.
do $$
begin
    perform pg_catalog.set_config('unwind.path_before', pg_catalog.current_setting('search_path'), false);
    perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', false);
end
$$;

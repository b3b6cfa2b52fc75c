-- psql's last file: the session's search_path is again what it was before pin_path.sql.
do $$
begin
    perform pg_catalog.set_config('search_path', pg_catalog.current_setting('unwind.path_before'), false);
end
$$;

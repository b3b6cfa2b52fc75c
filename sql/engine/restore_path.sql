-- psql's last file: the session's settings are again what they were before pin_path.sql.
do $$
begin
    perform pg_catalog.set_config('search_path', pg_catalog.current_setting('unwind.path_before'), false);
    perform pg_catalog.set_config(
        'default_transaction_isolation', pg_catalog.current_setting('unwind.isolation_before'), false
    );
end
$$;

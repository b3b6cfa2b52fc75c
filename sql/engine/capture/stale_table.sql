-- The table of a log that does not know it as it is; null where it does.
-- SECURITY DEFINER, for nobody but the engine reads which there are; it tells a name.
create or replace function unwind_internal.stale_table(log_name text)
returns regclass
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select c.table_name
    from unwind_internal.captured_tables as c
    inner join pg_class as t on t.oid = c.table_name
    cross join lateral unwind_internal.table_shape(c.table_name) as s
    where c.log_name = stale_table.log_name and s.fingerprint <> c.fingerprint
$$;

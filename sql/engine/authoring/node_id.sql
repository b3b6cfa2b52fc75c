-- A name for a table that every diagram language takes, whatever the table is called.
create or replace function unwind_internal.node_id(table_name text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select 't_' || left(md5(node_id.table_name), 8)
$$;

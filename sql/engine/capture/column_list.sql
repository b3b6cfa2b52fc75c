-- Columns as a list, bare or as those of a row.
create or replace function unwind_internal.column_list(columns text [], row_name text default null)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select string_agg(coalesce(row_name || '.', '') || quote_ident(c.name), ', ' order by c.n)
    from unnest(columns) with ordinality as c (name, n)
$$;

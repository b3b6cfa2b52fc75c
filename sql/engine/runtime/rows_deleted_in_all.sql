-- How many rows all undos of these runs have deleted together.
create or replace function unwind_internal.rows_deleted_in_all(run_ids text [])
returns bigint
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(sum(d.rows_deleted), 0)::bigint from unwind_internal.rows_deleted_of(run_ids) as d
$$;

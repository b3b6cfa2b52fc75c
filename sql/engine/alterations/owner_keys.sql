-- Under which key columns entities of a table are owned, or can be. Kept apart from the owners, of which there may be
-- millions.
create or replace function unwind_internal.owner_keys(tbl regclass)
returns setof text []
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select c.key_columns from unwind_internal.owning_columns as c where c.root_table = owner_keys.tbl
$$;

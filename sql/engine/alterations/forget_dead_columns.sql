-- Forgets key columns of a table of which one is gone, once nobody owns an entity by them; under lock_owners.
create or replace function unwind_internal.forget_dead_columns(tbl regclass)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
    delete from unwind_internal.owning_columns as c
    where c.root_table = forget_dead_columns.tbl
        and exists (
            select from unnest(c.key_columns) as k (name)
            where unwind_internal.column_type(c.root_table, k.name) is null
        )
        and not exists (
            select from unwind.entity_owners as o
            where o.root_table = c.root_table and o.key_columns = c.key_columns
        )
$$;

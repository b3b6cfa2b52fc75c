-- Keeps the number and the name of each table that a definition names: see forget_lost_tables. Of a table that was
-- dropped what was known last, for as long as a definition names it.
create or replace function unwind_internal.note_tables()
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
    with named as materialized (
        select r.root_table as tbl from unwind.step_roots as r
        union
        select unnest(array[l.child_table, l.parent_table]) from unwind.logical_foreign_keys as l
    ),

    gone as (
        delete from unwind_internal.known_tables as k
        where not exists (select from named as n where n.tbl = k.tbl)
    )

    insert into unwind_internal.known_tables as k (number, tbl, table_name)
    select n.tbl as number, n.tbl, n.tbl::text as table_name
    from named as n
    where exists (select from pg_class as c where c.oid = n.tbl)
    on conflict on constraint known_tables_pkey do update
    set table_name = excluded.table_name
    where k.table_name <> excluded.table_name
$$;

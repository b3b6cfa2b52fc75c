-- The name of a table that is gone, where another table has it now.
create or replace function unwind_internal.successor(workflow text, tbl regclass)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select t.table_name
    from unwind_internal.planned_tables as t
    inner join pg_class as c on c.oid = to_regclass(t.table_name) and c.relkind in ('r', 'p', 'f')
    where t.workflow = successor.workflow and t.target = successor.tbl
        and not exists (select from pg_class as g where g.oid = successor.tbl)
$$;

-- What to call the workflow of a root table: as the table, unless another table's workflow is called so already.
create or replace function unwind_internal.suggested_name(root_table regclass)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select case
        when exists (select from unwind.workflows as w where w.workflow = c.relname)
            and not exists (
                select from unwind.step_roots as r
                where r.workflow = c.relname and r.step = c.relname and r.root_table = suggested_name.root_table
            )
            then format('%s.%s', n.nspname, c.relname)
        else c.relname::text
    end
    from pg_class as c
    inner join pg_namespace as n on n.oid = c.relnamespace
    where c.oid = suggested_name.root_table
$$;

-- Whether a table is itself a foreign one. Of one with partitions elsewhere: is_kept_elsewhere.
create or replace function unwind_internal.is_foreign_table(target regclass)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return (select c.relkind = 'f' from pg_class as c where c.oid = target);
end
$$;

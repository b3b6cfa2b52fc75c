-- Whether a table is a foreign one, or has a partition that is one.
create or replace function unwind_internal.is_foreign(target regclass)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return exists (
        select from pg_foreign_table as f
        where f.ftrelid = is_foreign.target
            or f.ftrelid in (select p.relid from pg_partition_tree(is_foreign.target) as p)
    );
end
$$;

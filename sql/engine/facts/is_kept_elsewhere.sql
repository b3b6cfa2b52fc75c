-- Whether rows of a table are kept elsewhere: it is a foreign table, or has a partition that is one. This function
-- alone decides which statements keep the rules of such tables (docs/internals.md), so it is the one to replace where
-- tables are distributed by other means.
create or replace function unwind_internal.is_kept_elsewhere(target regclass)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select exists (
        select from pg_foreign_table as f
        where f.ftrelid = is_kept_elsewhere.target
            or f.ftrelid in (select p.relid from pg_partition_tree(is_kept_elsewhere.target) as p)
    )
$$;

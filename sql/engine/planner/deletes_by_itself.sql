-- Whether PostgreSQL itself deletes or clears rows that refer to the target, whatever was declared.
create or replace function unwind_internal.deletes_by_itself(target regclass)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select exists (
        select from pg_constraint as c
        where c.contype = 'f' and c.confrelid = deletes_by_itself.target and c.confdeltype in ('c', 'n', 'd')
    )
$$;

-- Whether rows of the target can be wanted by two undos at once, which reach them by different links and so in
-- different orders.
create or replace function unwind_internal.is_shared(target regclass)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select count(*) > 1
    from unwind_internal.foreign_keys as f
    where f.child_table = is_shared.target and f.on_delete in ('cascade', 'set null')
$$;

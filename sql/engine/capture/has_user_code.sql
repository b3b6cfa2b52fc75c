-- Whether code of the user's may change rows of a table while it is undone: triggers, its own or its partitions', or
-- rules. A captured table is the root of its partitions; pg_partition_tree would lock these before it.
create or replace function unwind_internal.has_user_code(tbl regclass)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select exists (
        select from pg_trigger as g
        inner join pg_proc as f on f.oid = g.tgfoid
        where not g.tgisinternal and g.tgenabled <> 'D'
            and coalesce(pg_partition_root(g.tgrelid), g.tgrelid::regclass) = tbl
            and f.pronamespace::regnamespace::text not in ('unwind_compiled', 'unwind_internal')
    )
    or exists (select from pg_rewrite as r where r.ev_class = tbl and r.ev_enabled <> 'D')
$$;

-- The deferrable constraints of tables that are undone, and those that point at them, as SET CONSTRAINTS takes them:
-- all, and those that are deferred unless told otherwise.
create or replace function unwind_internal.deferrable_constraints(
    tables regclass [], out all_of_them text, out initially_deferred text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select string_agg(distinct c.name, ', '), string_agg(distinct c.name, ', ') filter (where c.condeferred)
    from (
        select format('%I.%I', n.nspname, k.conname) as name, k.condeferred
        from pg_constraint as k
        inner join pg_namespace as n on n.oid = k.connamespace
        where k.condeferrable
            and (
                coalesce(pg_partition_root(k.conrelid), k.conrelid::regclass) = any(tables)
                or coalesce(pg_partition_root(k.confrelid), k.confrelid::regclass) = any(tables)
            )
    ) as c
$$;

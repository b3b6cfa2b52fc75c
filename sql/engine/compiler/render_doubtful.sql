-- A condition: the rows t of a root of which there is something to be said, maybe, when their key is recorded, which is
-- given as an SQL expression. A row that this transaction wrote is none; but it may be a run's by other columns, where
-- the table's rows are owned by several.
create or replace function unwind_internal.render_doubtful(root unwind.plan_statements, entity_key text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select string_agg(
        format('t.%I %s %s[%s]::%s', k.name, unwind_internal.key_operator(root.target, k.name), entity_key, k.n,
            unwind_internal.qualified_type(k.type)),
        E'\n                        and ' order by k.n
    ) || case
        when not exists (
            select from unwind_internal.key_sets(root.target) as s
            where (s.root_table, s.key_columns) <> (root.target, root.columns)
        ) then '
                        and t.xmin operator(pg_catalog.<>) pg_catalog.xid(pg_catalog.pg_current_xact_id())
                        and not unwind_internal.is_own_write(t.xmin)'
        else ''
    end
    from unnest(root.columns, root.types) with ordinality as k (name, type, n)
$$;

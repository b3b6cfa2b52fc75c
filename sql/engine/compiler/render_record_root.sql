-- Makes the run the owner of a key in one root; false where somebody is already. Then looks at what is there under the
-- key, under the lock on the table that it takes: what would have to be refused is left to record_step. A row that this
-- transaction wrote is none; but it may belong to a run by other columns, where the table is owned by several.
create or replace function unwind_internal.render_record_root(root unwind.plan_statements)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        '        insert into unwind.entity_owners (root_table, key_columns, entity_key, run_id)
        values (%1$L::pg_catalog.regclass, %2$L, entity_key, run_id)
        on conflict do nothing;
        if not found then
            return false;
        end if;
        perform where not %3$s
            or exists (
                select from %1$s as t
                where %4$s%5$s
            )
            or exists (
                select from pg_catalog.pg_class as c
                where c.relname operator(pg_catalog.=) %6$L
                    and c.oid operator(pg_catalog.<>) %1$L::pg_catalog.regclass
                    and c.relkind operator(pg_catalog.=) any(''{r,p,f,v,m}''::pg_catalog."char"[])
            )
            and unwind_internal.other_table_meant(
                %1$L::pg_catalog.regclass, pg_catalog.current_setting(''search_path'')
            ) is not null;
        if found then
            return false;
        end if;',
        root.target::text,
        root.columns,
        unwind_internal.render_root_as_planned(root),
        k.condition,
        case
            when not exists (
                select from unwind_internal.key_sets(root.target) as s
                where (s.root_table, s.key_columns) <> (root.target, root.columns)
            ) then '
                    and t.xmin operator(pg_catalog.<>) pg_catalog.xid(pg_catalog.pg_current_xact_id())
                    and not unwind_internal.is_own_write(t.xmin)'
            else ''
        end,
        c.relname
    )
    from pg_class as c
    cross join (
        select string_agg(
            format('t.%I %s entity_key[%s]::%s', k.name, unwind_internal.key_operator(root.target, k.name), k.n,
                unwind_internal.qualified_type(k.type)),
            E'\n                    and ' order by k.n
        ) as condition
        from unnest(root.columns, root.types) with ordinality as k (name, type, n)
    ) as k
    where c.oid = root.target
$$;

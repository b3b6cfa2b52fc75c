-- Tables that a bound role may write to and that are not captured: what it does there is of no run.
-- SECURITY DEFINER, for nobody reads who is bound; it tells that alone.
create or replace function unwind_internal.check_bound_roles()
returns table (severity text, code text, object text, message text, fix text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        'warning', 'writes_uncaptured', quote_ident(b.role_name),
        format('bound role %I may write to tables that are not captured: %s%s', b.role_name,
            string_agg(t.name, ', ' order by t.name) filter (where t.n <= 10),
            case when count(*) > 10 then format(' and %s more', count(*) - 10) else '' end),
        format('revoke insert, update, delete, truncate on %s from %I;',
            string_agg(t.name, ', ' order by t.name), b.role_name)
    from unwind_internal.bound_roles as b
    inner join pg_roles as r on r.rolname = b.role_name
    cross join lateral (
        select c.oid::regclass::text as name, row_number() over (order by c.oid::regclass::text) as n
        from pg_class as c
        inner join pg_namespace as s on s.oid = c.relnamespace
        where c.relkind in ('r', 'p', 'f') and c.relpersistence <> 't'
            and s.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
            and s.nspname not in ('unwind', 'unwind_internal', 'unwind_compiled', 'unwind_captured')
            and has_table_privilege(r.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
            and coalesce(pg_partition_root(c.oid), c.oid::regclass) not in (
                select k.table_name from unwind_internal.captured_tables as k
            )
    ) as t
    group by b.role_name
$$;

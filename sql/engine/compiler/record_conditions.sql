-- What holds of a key, its step and who records it where nothing is to be said about them: the root is as it was
-- planned, the key is written as its columns write it, and the role has the rights to undo the step
-- (assert_may_delete). Each is an expression that PostgreSQL evaluates without a query.
create or replace function unwind_internal.record_conditions(root unwind.plan_statements)
returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select unwind_internal.render_root_as_planned(root)
    union all
    select format('pg_catalog.cardinality(entity_key) operator(pg_catalog.=) %s', cardinality(root.columns))
    union all
    select case
        when k.type in ('text', 'character varying') then format('entity_key[%s] is not null', k.n)
        else format('entity_key[%1$s]::%2$s::pg_catalog.text operator(pg_catalog.=) entity_key[%1$s]',
            k.n, unwind_internal.render_full_type(k.type))
    end
    from unnest(root.full_types) with ordinality as k (type, n)
    union all
    (
        select distinct r.expression
        from unwind.plan_statements as p
        inner join unwind.workflows as w on w.workflow = p.workflow and w.check_delete_right
        cross join lateral (
            select format('pg_catalog.has_table_privilege(v_role, %L::pg_catalog.regclass, ''DELETE'')', p.target::text)
            where p.action = 'delete'
            union all
            select format('pg_catalog.has_column_privilege(v_role, %L::pg_catalog.regclass, %L, ''UPDATE'')',
                p.target::text, c.name)
            from unnest(p.columns) as c (name)
            where p.action = 'set null'
        ) as r (expression)
        where p.workflow = root.workflow and p.step = root.step
        order by r.expression
    )
$$;

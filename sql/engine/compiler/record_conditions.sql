-- What holds of a key, its step and who records it where nothing is to be said about them: the roots are as they were
-- planned, the key is written as their columns write it, and the role has the rights to undo the step
-- (assert_may_delete). Each is an expression that PostgreSQL evaluates without a query.
create or replace function unwind_internal.record_conditions(workflow text, step text)
returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with statement as (
        select p.* from unwind.plan_statements as p
        where p.workflow = record_conditions.workflow and p.step = record_conditions.step
    )

    select c.condition
    from (
        select 1 as place, unwind_internal.render_root_as_planned(s) as condition
        from statement as s
        where s.action = 'keys'
        union
        select 2, format('pg_catalog.cardinality(entity_key) operator(pg_catalog.=) %s', cardinality(s.columns))
        from statement as s
        where s.action = 'keys'
        union
        select 3, case
            when k.type in ('text', 'character varying') then format('entity_key[%s] is not null', k.n)
            else format('entity_key[%1$s]::%2$s::pg_catalog.text operator(pg_catalog.=) entity_key[%1$s]',
                k.n, unwind_internal.render_full_type(k.type))
        end
        from statement as s
        cross join unnest(s.full_types) with ordinality as k (type, n)
        where s.action = 'keys'
        union
        select 4, format('pg_catalog.has_table_privilege(v_role, %L::pg_catalog.regclass, ''DELETE'')', s.target::text)
        from statement as s
        inner join unwind.workflows as w on w.workflow = s.workflow and w.check_delete_right
        where s.action = 'delete'
        union
        select 5, format('pg_catalog.has_column_privilege(v_role, %L::pg_catalog.regclass, %L, ''UPDATE'')',
            s.target::text, n.name)
        from statement as s
        inner join unwind.workflows as w on w.workflow = s.workflow and w.check_delete_right
        cross join unnest(s.columns) as n (name)
        where s.action = 'set null'
    ) as c
    order by c.place, c.condition
$$;

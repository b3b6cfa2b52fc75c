-- In what a table is not any more as the plan takes it to be, a line each. A new foreign key by which PostgreSQL
-- would only refuse, and at once, is no danger to a compensation, and counts only where asked for.
create or replace function unwind_internal.table_drift(planned unwind_internal.planned_tables, with_refusing boolean)
returns setof text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_table text := (planned).table_name;
    v_code text [];
begin
    if not exists (select from pg_class as c where c.oid = (planned).target) then
        return next format('table %s is gone', v_table);
        return;
    end if;
    if (planned).target::text <> v_table then
        return next case
            when to_regclass(v_table) is null then format('table %s is called %s now', v_table, (planned).target)
            else format(
                '%s is %s now; the one that was planned is called %s', v_table,
                (
                    select case when c.relkind in ('r', 'p', 'f') then 'another table' else 'no table' end
                    from pg_class as c where c.oid = to_regclass(v_table)
                ), (planned).target
            )
        end;
    end if;
    return query
    select case
        when c.state = 'renamed' then format('column %I of %s is called %I now', c.name, v_table, c.called)
        when c.state = 'gone' then format('column %I of %s is gone', c.name, v_table)
        when c.state = 'taken'
            then format('column %I of %s is another column now; the one that was planned is called %I',
                c.name, v_table, c.called)
        when c.state = 'replaced'
            then format('column %I of %s was dropped, and another has its name now', c.name, v_table)
        else format('column %I of %s is of type %s now, not %s', c.name, v_table,
            case when c.type_now <> c.type then c.type_now else c.key_type_now end,
            case when c.type_now <> c.type then c.type else c.key_type end)
    end
    from (
        select
            p.*,
            unwind_internal.column_type(p.target, p.name) as type_now,
            case when p.key_type is not null then unwind_internal.full_type(p.target, p.name) end as key_type_now
        from unwind_internal.planned_columns as p
        where p.workflow = (planned).workflow and p.target = (planned).target
    ) as c
    where c.state <> 'same' or c.type_now <> c.type or c.key_type_now <> c.key_type;
    if (planned).real_keys is not null then
        return query
        select case when p.line is null then format('foreign key is new: %s', k.line)
            else format('foreign key is gone: %s', p.line) end
        from unwind_internal.real_keys((planned).target) as k
        full join unnest((planned).real_keys) as p (line) on p.line = k.line
        where k.line is null or (p.line is null and (with_refusing or not k.only_refuses));
    end if;
    -- What the user's code keeps or writes is looked for only where there was some.
    if not (planned).is_rechecked then
        v_code := unwind_internal.user_code((planned).target, (planned).real_keys is not null, exists (
            select from unwind.plan_statements as p
            where p.workflow = (planned).workflow and p.target = (planned).target and p.action = 'set null'
        ));
        if v_code <> '{}' then
            return next format('triggers or rules of %s are new: %s', v_table, array_to_string(v_code, ', '));
        end if;
    end if;
end
$$;

-- In what a table is not any more as the plan takes it to be, a line each. A new foreign key by which PostgreSQL
-- would only refuse, and at once, is no danger to a compensation, and counts only where asked for.
create or replace function unwind_internal.drift(planned unwind_internal.planned_tables, with_refusing boolean)
returns setof text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_table text := (planned).table_name;
    v_keys text [];
begin
    if not exists (select from pg_class as c where c.oid = (planned).target) then
        return next format('table %s is gone', v_table);
        return;
    end if;
    if (planned).target::text <> v_table then
        return next format(
            case
                when to_regclass(v_table) is null then 'table %s is called %s now'
                else '%s is another table now; the one that was planned is called %s'
            end, v_table, (planned).target
        );
    end if;
    return query
    select case
        when a.attname is not null
            then format('column %I of %s is of type %s now, not %s', c.name, v_table,
                unwind_internal.column_type((planned).target, c.name), c.type)
        when r.attname is not null then format('column %I of %s is called %I now', c.name, v_table, r.attname)
        else format('column %I of %s is gone', c.name, v_table)
    end
    from unnest((planned).columns, (planned).types, (planned).numbers) as c (name, type, number)
    left join pg_attribute as a on a.attrelid = (planned).target and a.attname = c.name and not a.attisdropped
    left join pg_attribute as r on r.attrelid = (planned).target and r.attnum = c.number and not r.attisdropped
    where a.attname is null or unwind_internal.column_type((planned).target, c.name) <> c.type;
    if (planned).real_keys is null then
        return;
    end if;
    v_keys := unwind_internal.real_keys((planned).target);
    if v_keys <> (planned).real_keys then
        return query
        select format('foreign key is new: %s', k.line) from unnest(v_keys) as k (line)
        where k.line <> all((planned).real_keys) and (with_refusing or k.line not like '% on delete no action');
        return query
        select format('foreign key is gone: %s', k.line) from unnest((planned).real_keys) as k (line)
        where k.line <> all(v_keys);
    end if;
    if not (planned).is_rechecked and unwind_internal.can_keep_rows((planned).target) then
        return next format('a trigger or rule of %s may keep rows from being deleted', v_table);
    end if;
end
$$;

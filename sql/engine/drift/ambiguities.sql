-- What only a person can say: a table that the definitions name was renamed, and another relation has its name now;
-- or a column was. follow: they mean what has the name now; keep: they mean what they meant, whatever it is called.
-- Each is a statement that compiles, too. A link that is the schema's own constraint follows its table by itself.
create or replace function unwind_internal.ambiguities(workflow text)
returns table (target regclass, message text, follow text, keep text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        t.target,
        format('%s is %s now; the one that was planned is called %s', t.table_name,
            case when c.relkind in ('r', 'p', 'f') then 'another table' else 'no table' end, t.target),
        case when c.relkind in ('r', 'p', 'f') and d.is_declared
            then format('select unwind_internal.take_table(%L, %L);', t.target::text, t.table_name) end,
        format('select unwind_internal.keep_table(%L);', t.target::text)
    from unwind_internal.planned_tables as t
    inner join pg_class as p on p.oid = t.target
    inner join pg_class as c on c.oid = to_regclass(t.table_name) and c.oid <> p.oid
    cross join lateral (
        select exists (
            select from unwind_internal.definition_columns as d where d.tbl = t.target
        ) as is_declared
    ) as d
    where t.workflow = ambiguities.workflow
        and (
            d.is_declared
            or exists (select from pg_constraint as k where k.conrelid = t.target and k.contype = 'f')
        )
    union all
    select
        p.target,
        string_agg(
            format('column %I of %s is another column now; the one that was planned is called %I', p.name, p.target,
                p.called), '; ' order by p.name
        ),
        format('select unwind_internal.take_columns(%L);', p.target::text),
        format('select unwind_internal.keep_columns(%L);', p.target::text)
    from unwind_internal.planned_columns as p
    where p.workflow = ambiguities.workflow
        and p.state = 'taken'
        and exists (
            select from unwind_internal.definition_columns as d where d.tbl = p.target and p.name = any(d.columns)
        )
    group by p.target
$$;

-- The columns of a captured table, as SQL that is made of images names them: by their place, for a name could be
-- anything, also too long to be lengthened. value: the table's column as the log keeps it, of the type behind a domain.
-- is_builtin: of a type as text of which nobody's code runs. is_ignored: see ignore_columns.
create or replace function unwind_internal.image_columns(captured unwind_internal.captured_tables)
returns table (
    place int, name text, value text, equals text, added smallint, is_key boolean, is_builtin boolean,
    is_ignored boolean
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        c.place::int, c.name,
        format('x.%I', c.name)
        || case when t.typtype = 'd' then '::' || unwind_internal.qualified_type(format_type(b.oid, -1)) else '' end,
        case when k.is_key then unwind_internal.key_operator(captured.table_name, c.name) end,
        c.added, k.is_key, b.oid < 16384, c.name = any(captured.ignored)
    from unnest(captured.columns, captured.added, captured.numbers) with ordinality as c (name, added, number, place)
    inner join pg_attribute as a on a.attrelid = captured.table_name and a.attnum = c.number
    inner join pg_type as t on t.oid = a.atttypid
    inner join pg_type as b on b.oid = unwind_internal.base_type(a.atttypid)
    cross join lateral (select c.name = any(captured.key_columns) as is_key) as k
$$;

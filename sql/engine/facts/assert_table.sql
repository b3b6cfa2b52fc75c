-- Refuses what cannot be deleted from, and columns that are not there.
-- Errors: UW009.
create or replace function unwind_internal.assert_table(tbl regclass, columns text [])
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_kind "char" := (select c.relkind from pg_class as c where c.oid = assert_table.tbl);
    v_missing text;
begin
    if v_kind is null then
        raise 'table % does not exist', coalesce(tbl::text, 'null')
        using errcode = 'UW009',
            detail = 'The definition names a table that was dropped or never there.',
            hint = 'Name an existing table, or drop the definition that names it.';
    end if;
    if v_kind not in ('r', 'p', 'f') then
        raise '% is not a table', tbl
        using errcode = 'UW009',
            detail = 'Only ordinary, partitioned and foreign tables can be undone; views and the like hold no rows.',
            hint = 'Name the table behind it.';
    end if;
    perform unwind_internal.assert_users_table(tbl);
    if coalesce(cardinality(columns), 0) = 0 then
        raise 'no columns given for table %', tbl
        using errcode = 'UW009',
            detail = 'A key or a link needs at least one column.',
            hint = format('Name the columns; \d %s lists them.', tbl);
    end if;
    select c.name into v_missing
    from unnest(columns) with ordinality as c (name, n)
    where not exists (
        select from pg_attribute as a
        where a.attrelid = tbl and a.attname = c.name and a.attnum > 0 and not a.attisdropped
    ) or exists (
        select from unnest(columns) with ordinality as d (name, n) where d.name = c.name and d.n < c.n
    )
    order by c.n
    limit 1;
    if found then
        raise 'table % has no column % to use here', tbl, coalesce(quote_ident(v_missing), 'null')
        using errcode = 'UW009',
            detail = format('Given were (%s); each has to exist and to be named once.',
                array_to_string(columns, ', ', 'null')),
            hint = unwind_internal.did_you_mean(v_missing, array(
                select a.attname
                from pg_attribute as a
                where a.attrelid = tbl and a.attnum > 0 and not a.attisdropped and a.attname <> all(columns)
                order by a.attnum
            )) || format('\d %s lists its columns.', tbl);
    end if;
    perform unwind_internal.assert_equatable(tbl, c.name) from unnest(columns) as c (name);
end
$$;

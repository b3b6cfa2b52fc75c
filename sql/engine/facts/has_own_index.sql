-- Whether a usable index of the table itself starts with one of these columns. A partial one is usable where its
-- condition is that some of them are not null, for what is looked up by = never is.
create or replace function unwind_internal.has_own_index(tbl regclass, columns text [])
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select exists (
        select
        from pg_index as i
        inner join pg_class as c on c.oid = i.indexrelid
        inner join pg_am as m on m.oid = c.relam
        inner join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
        where i.indrelid = has_own_index.tbl
            and i.indisvalid
            and not exists (
                -- Every part of the condition is struck out that says so of a column; nothing may be left.
                select from (
                    select regexp_replace(
                        pg_get_expr(i.indpred, i.indrelid),
                        string_agg(regexp_replace(format('(%I IS NOT NULL)', c.name), '\W', '\\\&', 'g'), '|'), '', 'g'
                    ) as rest
                    from unnest(has_own_index.columns) as c (name)
                ) as p
                where p.rest ~ '[^() AND]'
            )
            and m.amname in ('btree', 'hash')
            and a.attname = any(has_own_index.columns)
    )
$$;

-- Whether no two rows of a table can have the same values in these columns: a usable unique index over all its rows has
-- no others. Of a foreign table, whose indexes are elsewhere, nobody here can say: null.
create or replace function unwind_internal.is_unique(tbl regclass, columns text [])
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select case
        when unwind_internal.is_kept_elsewhere(is_unique.tbl) then null
        else exists (
            select
            from pg_index as i
            inner join pg_class as c on c.oid = i.indrelid
            where i.indrelid = is_unique.tbl
                and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null
                -- Rows of inheriting tables are in indexes of their own.
                and (c.relkind = 'p' or not exists (select from pg_inherits as h where h.inhparent = c.oid))
                and not exists (
                    select from unnest(i.indkey::int2 []) with ordinality as k (number, place)
                    inner join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = k.number
                    where k.place <= i.indnkeyatts and a.attname <> all(is_unique.columns)
                )
        )
    end
$$;

-- The statement that makes the index by which rows are looked up by these columns. A partitioned table's cannot be
-- made concurrently.
create or replace function unwind_internal.render_index(tbl regclass, columns text [], is_unique boolean default false)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format('create %sindex %son %s (%s);',
        case when is_unique then 'unique ' else '' end,
        case when (select c.relkind from pg_class as c where c.oid = tbl) = 'p' then '' else 'concurrently ' end,
        tbl, string_agg(quote_ident(k.name), ', ' order by k.n))
    from unnest(columns) with ordinality as k (name, n)
$$;

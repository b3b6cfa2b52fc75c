-- Tables as a list to read: the first ten, and how many more.
create or replace function unwind_internal.some_names(tables regclass [])
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select string_agg(t.name::text, ', ' order by t.n)
        || case when cardinality(tables) > 10 then format(' and %s more', cardinality(tables) - 10) else '' end
    from unnest(tables[:10]) with ordinality as t (name, n)
$$;

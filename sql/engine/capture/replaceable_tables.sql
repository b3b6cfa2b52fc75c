-- In which tables updated rows can go and come back, for unique values that have changed places: those to which nothing
-- refers that would follow a row that goes. By their places.
create or replace function unwind_internal.replaceable_tables(tables regclass [])
returns int []
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(array_agg(t.place::int order by t.place), '{}')
    from unnest(tables) with ordinality as t (name, place)
    where not exists (
        select from pg_constraint as f
        where f.contype = 'f' and f.confdeltype <> 'a'
            and coalesce(pg_partition_root(f.confrelid), f.confrelid::regclass) = t.name
    )
$$;

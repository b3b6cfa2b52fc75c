-- The captured tables in which these runs have images, in the order in which all undos lock them; brought up to date.
-- logs: which these are, where the caller knows.
-- Errors: UW011, as touched_table.
create or replace function unwind_internal.touched_tables(
    numbers bigint [], skipping boolean default false, logs text [] default null
)
returns setof unwind_internal.captured_tables
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select t.*
    from unnest(coalesce(logs, unwind_compiled.logs_of(touched_tables.numbers))) with ordinality as l (name, place)
    cross join lateral unwind_internal.touched_table(l.name, touched_tables.numbers, skipping) as t
    where t.log_name is not null
    order by l.place;
end
$$;

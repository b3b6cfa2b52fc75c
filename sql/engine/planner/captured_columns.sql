-- What a capture carries, in order. Of one table, its columns c1, c2. Of several that are read together c1 says of
-- which table a row is (its place), and the columns of each follow in turn: part is the ordinal of the statement that
-- holds those of the table alone.
create or replace function unwind_internal.captured_columns(capture unwind.plan_statements)
returns table (part int, target regclass, place int, name text, type text, column_place int, n int)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
rows 10
as $$
begin
    if capture.target is not null then
        return query
        select capture.ordinal, capture.target, 1, c.name, c.type, c.n::int, c.n::int
        from unnest(capture.columns, capture.types) with ordinality as c (name, type, n);
    else
        return query
        select
            p.ordinal, p.target, p.place, c.name, c.type, c.n::int,
            1 + (row_number() over (order by p.ordinal, c.n))::int
        from (
            select s.ordinal, s.target, (row_number() over (order by s.ordinal))::int as place, s.columns, s.types
            from unwind.plan_statements as s
            where s.workflow = capture.workflow and s.anchor = capture.ordinal and s.action = 'capture'
        ) as p
        cross join unnest(p.columns, p.types) with ordinality as c (name, type, n)
        order by p.ordinal, c.n;
    end if;
end
$$;

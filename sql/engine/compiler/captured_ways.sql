-- The ways into the tables of a capture.
create or replace function unwind_internal.captured_ways(capture unwind.plan_statements)
returns setof unwind_internal.plan_ways
language plpgsql
stable
set search_path = pg_catalog, pg_temp
rows 10
as $$
begin
    return query
    select w.*
    from (select distinct c.target from unwind_internal.captured_columns(capture) as c) as t
    cross join unnest(unwind_internal.ways_to(capture.workflow, capture.step, t.target)) as w;
end
$$;

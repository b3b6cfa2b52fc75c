-- Keeps a way into a table, under the next number of its workflow.
create or replace function unwind_internal.add_way(way unwind_internal.plan_ways)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    way.way := unwind_internal.next_number('way');
    insert into unwind_internal.plan_ways values (way.*);
end
$$;

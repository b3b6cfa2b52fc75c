-- Whether a capture reads on from rows that it found itself: its tables refer to each other, or to themselves.
create or replace function unwind_internal.recurses(capture unwind.plan_statements)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select (capture).anchor is null and exists (
        select from unwind_internal.captured_ways(capture) as w
        inner join unwind_internal.captured_columns(capture) as c on c.part = w.anchor
    )
$$;

-- The anchors from which a capture starts: keys and earlier captures.
create or replace function unwind_internal.captured_from(capture unwind.plan_statements)
returns setof unwind.plan_statements
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select a.*
    from unwind.plan_statements as a
    where a.workflow = (capture).workflow
        and a.ordinal in (
            select (capture).anchor
            union
            select w.anchor
            from unwind_internal.captured_ways(capture) as w
            where (capture).anchor is null and w.anchor < (capture).ordinal
        )
    order by a.ordinal
$$;

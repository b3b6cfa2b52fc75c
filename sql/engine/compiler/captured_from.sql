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
        and (
            a.ordinal = (capture).anchor
            or ((capture).target is null or (capture).anchor is null)
            and a.ordinal < (capture).ordinal
            and a.ordinal in (
                select w.anchor
                from unwind_internal.plan_ways as w
                where w.workflow = (capture).workflow
                    and w.step = (capture).step
                    and w.target in (select c.target from unwind_internal.captured_columns(capture) as c)
            )
        )
    order by a.ordinal
$$;

-- A table whose rows others refer to is captured when it is reached by several ways, by itself, or from so far that
-- one more join would be too many for PostgreSQL to order well (join_collapse_limit is 8). Or where its own rows or
-- those that refer to it are kept elsewhere, and a join would be needed: such rows are compared with keys alone. In a
-- workflow that looks again also where what refers to it could be found by a join only, which finds nothing once the
-- row is gone.
create or replace function unwind_internal.needs_capture(workflow text, step text, target regclass)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with recursive chain (way, depth) as (
        select w.way, 1
        from unwind_internal.plan_ways as w
        where w.workflow = needs_capture.workflow
            and w.step = needs_capture.step
            and w.target = needs_capture.target
        union all
        select w.parent_way, c.depth + 1
        from chain as c
        inner join unwind_internal.plan_ways as w on w.workflow = needs_capture.workflow and w.way = c.way
        where w.parent_way is not null
    )

    select
        exists (
            select from unwind_internal.plan_links as f
            where f.workflow = needs_capture.workflow
                and f.parent_table = needs_capture.target and f.on_delete <> 'left alone'
        )
        and case
            when (select count(*) > 1 or max(c.depth) >= 5 from chain as c where c.depth = 1 or c.depth >= 5) then true
            else exists (
                select from unwind_internal.plan_links as f
                where f.workflow = needs_capture.workflow
                    and f.parent_table = needs_capture.target
                    and f.on_delete <> 'left alone'
                    and (
                        f.child_table = f.parent_table
                        or (
                            unwind_internal.is_kept_elsewhere(f.child_table)
                            or unwind_internal.is_kept_elsewhere(f.parent_table)
                        ) and (
                            unwind_internal.link_way(
                                f.workflow, needs_capture.step, f.child_table, f.child_columns,
                                f.parent_table, f.parent_columns, false
                            )
                        ).anchor is null
                    )
            )
            or unwind_internal.looks_again(needs_capture.workflow) and exists (
                select from unwind_internal.plan_links as f
                inner join unwind_internal.plan_ways as w
                    on w.workflow = f.workflow and w.step = needs_capture.step and w.target = f.parent_table
                where f.workflow = needs_capture.workflow
                    and f.parent_table = needs_capture.target
                    and f.on_delete <> 'left alone'
                    and (w.anchor is null or not (w.columns @> f.parent_columns and w.columns <@ f.parent_columns))
            )
        end
$$;

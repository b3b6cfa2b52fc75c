-- The parts of a stage in the order of the plan: the statements that go batch by batch, and last, without a statement,
-- the end of the stage, which takes what is left. With each part the rows that are expected of it. What comes last and
-- fits into one batch is left to the end. So are tables in a cycle, foreign ones, whose rows are never known by where
-- they lie, those without a key whose rows would have to be found twice, to lock and to delete them, held_tables, and
-- what stands above all those, for it cannot go before they are gone.
create or replace function unwind_internal.stage_parts(
    workflow text, stage int, rows_expected bigint [], batch_size int
)
returns table (statement unwind.plan_statements, row_count bigint)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with touching as materialized (
        select
            p as statement,
            coalesce(rows_expected[p.ordinal], 0) as row_count,
            sum(coalesce(rows_expected[p.ordinal], 0)) over (order by p.ordinal desc) as rows_from_here
        from unwind.plan_statements as p
        where p.workflow = stage_parts.workflow
            and p.stage = stage_parts.stage
            and p.action in ('set null', 'delete')
    ),

    batched as materialized (
        select b.statement, b.row_count
        from (
            select
                t.*,
                bool_or(
                    (t.statement).component is not null
                    or unwind_internal.is_kept_elsewhere((t.statement).target)
                    or (t.statement).target = any(h.tables)
                    or (
                        unwind_internal.row_key((t.statement).target) is null
                        and unwind_internal.render_childless((t.statement).target, true, true) <> ''
                    )
                ) over (order by (t.statement).ordinal) as is_left
            from touching as t
            cross join unwind_internal.held_tables(stage_parts.workflow) as h (tables)
            where t.rows_from_here > stage_parts.batch_size
        ) as b
        where not b.is_left
    )

    (select b.statement, b.row_count from batched as b order by (b.statement).ordinal)
    union all
    select
        null,
        coalesce((select sum(t.row_count)::bigint from touching as t), 0)
        - coalesce((select sum(b.row_count)::bigint from batched as b), 0)
$$;

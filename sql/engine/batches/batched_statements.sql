-- The statements of a stage that touch rows, in the order of the plan. Tables in a cycle cannot go batch by batch,
-- nor foreign ones, whose rows are never known by where they lie, nor those without a key whose rows would have to be
-- found twice, to lock and to delete them, nor held_tables, nor what stands above all those before they are gone: that
-- is left to the end of the stage.
create or replace function unwind_internal.batched_statements(workflow text, stage int)
returns unwind.plan_statements []
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(array_agg(p order by p.ordinal), '{}')
    from unwind.plan_statements as p
    cross join unwind_internal.held_tables(batched_statements.workflow) as h (tables)
    where p.workflow = batched_statements.workflow
        and p.stage = batched_statements.stage
        and p.action in ('set null', 'delete')
        and not exists (
            select from unwind.plan_statements as c
            where c.workflow = p.workflow
                and c.stage = p.stage
                and c.action in ('set null', 'delete')
                and c.ordinal <= p.ordinal
                and (
                    c.component is not null
                    or unwind_internal.is_kept_elsewhere(c.target)
                    or c.target = any(h.tables)
                    or (
                        unwind_internal.row_key(c.target) is null
                        and unwind_internal.render_childless(c.target, true, true) <> ''
                    )
                )
        )
$$;

-- Tables of a workflow that looks again which are not for batches, for once a batch is committed nothing may lead to
-- what is written below its rows: those whose own triggers or rules may write it, and captured ones, from which alone
-- it is known what hangs below. They go with all that hangs below them in one undo, which remembers.
create or replace function unwind_internal.held_tables(workflow text)
returns regclass []
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with parents as materialized (
        select distinct f.parent_table from unwind_internal.foreign_keys as f where f.on_delete = 'cascade'
    )

    select coalesce(array_agg(t.target), '{}')
    from unwind_internal.planned_tables as t
    where t.workflow = held_tables.workflow
        and unwind_internal.looks_again(held_tables.workflow)
        and (
            t.target in (
                select p.target from unwind.plan_statements as p
                where p.workflow = held_tables.workflow and p.action = 'capture'
            )
            or (
                t.target in (select p.parent_table from parents as p)
                and unwind_internal.user_code(t.target, true, false) <> '{}'
            )
        )
$$;

-- What compensating the run would do, by SELECTs over the same plan: no lock, no trigger. A row that two statements
-- would find is counted by the first, as in the deletion. Rows that would refuse it stand below, and beside each DELETE
-- that they refuse.
-- Errors: UW001, UW008, UW009.
create or replace function unwind_internal.preview(run_id text)
returns table (
    ordinal int, step text, table_name text, row_count bigint, statement text, blocked_by text, action text
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_workflow text := unwind_internal.planned_workflow(run_id);
    v_ledger text := unwind_internal.render_undone_keys(preview.run_id);
    v_anchors text := unwind_internal.render_anchors(v_workflow, v_ledger);
begin
    return query
    with blocking as materialized (
        select b.statement, format('%s %s', (b.statement).target, b.keys) as rows
        from unwind_internal.blocking_rows(v_workflow, array[preview.run_id]) as b
    ),

    lines as (
        select p as statement, unwind_internal.count_rows(p, v_anchors) as row_count, (
            select string_agg(b.rows, '; ' order by (b.statement).ordinal)
            from blocking as b
            where p.action = 'delete' and unwind_internal.blocks(b.statement, p.target)
        ) as blocked_by
        from unwind.plan_statements as p
        where p.workflow = v_workflow and p.action in ('delete', 'set null', 'call')
        union all
        select b.statement, 0, b.rows from blocking as b
    )

    select
        (row_number() over (order by (l.statement).action in ('refuse', 'guard'), (l.statement).ordinal))::int,
        (l.statement).step,
        (l.statement).target::text,
        l.row_count,
        unwind_internal.readable_statement(l.statement, v_ledger),
        l.blocked_by,
        (l.statement).action
    from lines as l
    where l.row_count > 0
        or (l.statement).action in ('refuse', 'guard')
        or (l.row_count is null and unwind_internal.is_live(preview.run_id, (l.statement).step));
end
$$;

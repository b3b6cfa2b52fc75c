-- What an undo in batches has to do, counted with the caller's rights, and a receipt to count along. Taken up again
-- under the same plan, it goes on with both. Gives the rows that are expected of each statement, by its ordinal. Links
-- to clear are no progress, but a policy that hides some has to refuse now, and not when others are committed.
create or replace function unwind_internal.expect_progress(run unwind.workflow_runs)
returns bigint []
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_anchors constant text := unwind_internal.render_anchors(
        run.workflow, unwind_internal.render_live_condition(array[run.id])
    );
    v_statement unwind.plan_statements;
    v_expected bigint [] := '{}';
    v_steps text [];
    v_tables text [];
    v_counts bigint [];
begin
    for v_statement in
        select p.* from unwind.plan_statements as p
        where p.workflow = run.workflow and p.action in ('delete', 'set null')
        order by p.ordinal
    loop
        v_expected[v_statement.ordinal] := unwind_internal.count_rows(v_statement, v_anchors);
    end loop;
    select
        coalesce(array_agg(d.step order by d.place), '{}'),
        coalesce(array_agg(d.table_name order by d.place), '{}'),
        coalesce(array_agg(d.rows_expected order by d.place), '{}')
    into v_steps, v_tables, v_counts
    from (
        select p.step, p.target::text as table_name, min(p.ordinal) as place,
            sum(v_expected[p.ordinal])::bigint as rows_expected
        from unwind.plan_statements as p
        where p.workflow = run.workflow and p.action = 'delete'
        group by p.step, p.target
    ) as d;
    perform unwind_internal.expect_batches(run.id, v_steps, v_tables, v_counts);
    return v_expected;
end
$$;

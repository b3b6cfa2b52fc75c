-- What compensating the run would delete, by SELECTs over the same plan: no lock, no trigger. A row that two
-- statements would find is counted by the first, as in the deletion.
-- Errors: UW001, UW008, UW009.
create or replace function unwind.preview_run(run_id text)
returns table (ordinal int, step text, table_name text, row_count bigint, statement text)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_run unwind.workflow_runs;
    v_statement unwind.plan_statements;
    v_ledger text := unwind_internal.render_live_condition(preview_run.run_id);
begin
    select r.* into v_run from unwind.workflow_runs as r where r.id = preview_run.run_id;
    if not found then
        perform unwind_internal.raise_run_not_found(run_id);
    end if;
    perform unwind_internal.assert_workflow(v_run.workflow);
    perform unwind_internal.assert_workflow_as_planned(v_run.workflow);
    ordinal := 0;
    for v_statement in
        select p.* from unwind.plan_statements as p
        where p.workflow = v_run.workflow and p.action in ('delete', 'set null', 'call')
        order by p.ordinal
    loop
        step := v_statement.step;
        table_name := v_statement.target::text;
        row_count := unwind_internal.count_rows(v_statement, v_ledger);
        statement := unwind_internal.readable_statement(v_statement, v_ledger);
        if row_count > 0 or (row_count is null and unwind_internal.is_live(run_id, step)) then
            ordinal := ordinal + 1;
            return next;
        end if;
    end loop;
end
$$;
comment on function unwind.preview_run(text) is
'What compensate_run would do, statement by statement, with row counts and SQL to read; deletes nothing. A custom '
'step has no count. Errors: UW001, UW008, UW009.';

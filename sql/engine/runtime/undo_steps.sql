-- Undoes these steps of a run, whose row is locked, and returns the receipts of this undo alone.
-- The caller's search_path stays, for the user's triggers (see undo_workflow).
-- Errors: UW007, UW008.
create or replace function unwind_internal.undo_steps(run unwind.workflow_runs, steps text [])
returns setof unwind.receipt
language plpgsql
as $$
declare
    v_before int;
begin
    select coalesce(pg_catalog.max(c.ordinal), 0) into v_before
    from unwind.compensations as c
    where c.run_id operator(pg_catalog.=) run.id;
    perform unwind_internal.undo_workflow(run.workflow, array[run.id], steps);
    return query
    select c.ordinal, c.step, c.table_name, c.rows_deleted
    from unwind.compensations as c
    where c.run_id operator(pg_catalog.=) run.id and c.ordinal operator(pg_catalog.>) v_before
    order by c.ordinal;
end
$$;

-- Undoes runs, whose rows are locked, set-based: workflow by workflow, the newest first. Those that are COMPENSATED
-- are left alone. Rows count towards max_rows workflow by workflow.
-- The caller's search_path stays, for the user's triggers (see undo_workflow).
-- Errors: UW007, UW008, UW009, UW019.
create or replace function unwind_internal.undo_by_workflow(run_ids text [], max_rows bigint default null)
returns void
language plpgsql
set enable_seqscan = off
set jit = off
as $$
declare
    v_workflow pg_catalog.text;
    v_batch pg_catalog.text [];
begin
    for v_workflow, v_batch in
        select r.workflow, pg_catalog.array_agg(r.id order by r.id)
        from unwind.workflow_runs as r
        where r.id operator(pg_catalog.=) any(run_ids) and r.status operator(pg_catalog.<>) 'COMPENSATED'
        group by r.workflow
        order by pg_catalog.max(r.created_at) desc, r.workflow
    loop
        perform unwind_internal.undo_workflow(v_workflow, v_batch, null, max_rows);
    end loop;
end
$$;

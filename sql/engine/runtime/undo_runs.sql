-- Undoes runs, whose rows are locked. Those that are COMPENSATED are left alone. Where runs of several workflows depend
-- on each other, so that none of them can go as a whole before the other, they go step by step. Rows of all of them
-- count towards max_rows.
-- The caller's search_path stays, for the user's triggers (see undo_workflow).
-- Errors: UW007, for rows outside these runs; UW008; UW009; UW019.
create or replace function unwind_internal.undo_runs(run_ids text [], max_rows bigint default null)
returns void
language plpgsql
set enable_seqscan = off
set jit = off
as $$
declare
    v_live pg_catalog.text [];
    v_workflow pg_catalog.text;
    v_other pg_catalog.text;
    v_failures pg_catalog.jsonb;
    v_before bigint;
begin
    select pg_catalog.array_agg(r.id order by r.id), pg_catalog.min(r.workflow), pg_catalog.max(r.workflow)
    into v_live, v_workflow, v_other
    from unwind.workflow_runs as r
    where r.id operator(pg_catalog.=) any(run_ids) and r.status operator(pg_catalog.<>) 'COMPENSATED';
    if v_live is null then
        return;
    end if;
    if v_workflow operator(pg_catalog.=) v_other then
        perform unwind_internal.undo_workflow(v_workflow, v_live, null, max_rows);
        return;
    end if;
    if max_rows is not null then
        v_before := unwind_internal.rows_deleted_in_all(run_ids);
    end if;
    begin
        perform unwind_internal.undo_by_workflow(v_live, max_rows);
        perform unwind_internal.assert_rows_in_all(run_ids, max_rows, v_before);
        return;
    exception
        when sqlstate 'UW007' then
            null; -- taken back; perhaps it is rows of each other's that are in the way
    end;
    v_failures := unwind_internal.undo_by_ledger(v_live, false);
    if v_failures operator(pg_catalog.<>) '{}' then
        -- Once more, and nobody catches what it says; or what was in the way has gone since.
        perform unwind_internal.undo_workflow(o.workflow, o.runs, array[o.step])
        from unwind_internal.undo_order(v_live, true) as o;
        perform unwind_internal.mark_undone(v_live);
    end if;
    perform unwind_internal.assert_rows_in_all(run_ids, max_rows, v_before);
end
$$;

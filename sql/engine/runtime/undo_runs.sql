-- Undoes runs, whose rows are locked, set-based: workflow by workflow, the newest first. Those that are COMPENSATED
-- are left alone. Rows of all of them count towards max_rows.
-- The caller's search_path stays, for the user's triggers (see render_function).
-- Errors: UW007, UW008, UW009, UW019.
create or replace function unwind_internal.undo_runs(run_ids text [], max_rows bigint default null)
returns void
language plpgsql
set enable_seqscan = off
set jit = off
as $$
declare
    v_workflow text;
    v_batch text [];
    v_before bigint;
begin
    if max_rows is not null then
        v_before := coalesce(max(r.entry), 0) from unwind_internal.receipts as r where r.run_id = any(run_ids);
    end if;
    for v_workflow, v_batch in
        select r.workflow, array_agg(r.id order by r.id)
        from unwind.workflow_runs as r
        where r.id = any(run_ids) and r.status <> 'COMPENSATED'
        group by r.workflow
        order by max(r.created_at) desc, r.workflow
    loop
        perform unwind_internal.undo(v_workflow, v_batch, null, max_rows);
        if max_rows is not null then
            perform unwind_internal.assert_max_rows(max_rows, run_ids, array_agg(c.name), array_agg(c.rows_deleted))
            from unwind_internal.receipts as r
            cross join lateral unnest(r.tables, r.counts) as c (name, rows_deleted)
            where r.run_id = any(run_ids) and r.entry > v_before;
        end if;
    end loop;
end
$$;

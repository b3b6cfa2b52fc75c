-- Undoes many runs in one transaction, set-based: a statement per table, not per run; receipts per run.
-- Runs are locked in the order of their ids. All together they take max_rows rows at most, or none.
-- The caller's search_path stays, for the user's triggers, and JIT is off (see render_function).
-- Errors: UW001, UW005, UW006, UW007, UW008, UW009, UW010, UW019.
create or replace function unwind.compensate_runs(
    run_ids text [], force boolean default false, max_rows bigint default null
)
returns table (run_id text, rows_deleted bigint)
language plpgsql
set enable_seqscan = off
set jit = off
as $$
declare
    v_run unwind.workflow_runs;
    v_missing text;
begin
    perform unwind_internal.assert_read_committed();
    perform unwind_internal.assert_limit(max_rows);
    -- Before the locks, not after: a run that started while they were waited for would be undone without one.
    select i.id into v_missing
    from unnest(run_ids) as i (id)
    where not exists (select from unwind.workflow_runs as r where r.id = i.id)
    limit 1;
    if found then
        perform unwind_internal.raise_run_not_found(v_missing);
    end if;
    for v_run in
        select r.* from unwind.workflow_runs as r where r.id = any(run_ids) order by r.id for update
    loop
        if v_run.status <> 'COMPENSATED' then
            perform unwind_internal.assert_undoable(v_run, force);
        end if;
    end loop;
    perform unwind_internal.undo_runs(run_ids, max_rows);
    -- Run by run over the index: joined to the view, all receipts there are would be read.
    return query
    select i.id, (
        select coalesce(sum(n.rows_deleted), 0)::bigint
        from unwind_internal.receipts as c
        cross join lateral unnest(c.counts) as n (rows_deleted)
        where c.run_id = i.id
    )
    from (select distinct u.id from unnest(run_ids) as u (id)) as i
    order by i.id;
end
$$;
comment on function unwind.compensate_runs(text [], boolean, bigint) is
'Undoes many runs in one transaction, all or none; rows deleted per run, receipts in unwind.compensations. '
'max_rows: more than that is UW019, and nothing is gone. '
'Errors: UW001, UW005, UW006, UW007, UW008, UW009, UW010, UW019.';

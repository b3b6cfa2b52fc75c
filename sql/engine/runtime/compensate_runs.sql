-- Undoes many runs in one transaction, set-based: a statement per table, not per run; receipts per run.
-- Runs are locked in the order of their ids.
-- The caller's search_path stays, for the user's triggers, and JIT is off (see render_function).
-- Errors: UW001, UW005, UW006, UW007, UW008, UW010.
create or replace function unwind.compensate_runs(run_ids text [], force boolean default false)
returns table (run_id text, rows_deleted bigint)
language plpgsql
set enable_seqscan = off
set jit = off
as $$
declare
    v_run unwind.workflow_runs;
    v_missing pg_catalog.text;
begin
    perform unwind_internal.assert_read_committed();
    run_ids := unwind_internal.plain_array(run_ids);
    -- Before the locks, not after: a run that started while they were waited for would be undone without one.
    select i.id into v_missing
    from pg_catalog.unnest(run_ids) as i (id)
    where not exists (select from unwind.workflow_runs as r where r.id operator(pg_catalog.=) i.id)
    limit 1;
    if found then
        perform unwind_internal.raise_run_not_found(v_missing);
    end if;
    for v_run in
        select r.* from unwind.workflow_runs as r where r.id operator(pg_catalog.=) any(run_ids) order by r.id for update
    loop
        if v_run.status operator(pg_catalog.<>) 'COMPENSATED' then
            perform unwind_internal.assert_undoable(v_run, force);
        end if;
    end loop;
    perform unwind_internal.undo_runs(run_ids);
    -- Run by run over the index: joined to the view, all receipts there are would be read.
    return query
    select i.id, (
        select coalesce(pg_catalog.sum(n.rows_deleted), 0)::bigint
        from unwind_internal.receipts as c
        cross join lateral pg_catalog.unnest(c.counts) as n (rows_deleted)
        where c.run_id operator(pg_catalog.=) i.id
    )
    from (select distinct u.id from pg_catalog.unnest(run_ids) as u (id)) as i
    order by i.id;
end
$$;
comment on function unwind.compensate_runs(text [], boolean) is
'Undoes many runs in one transaction, all or none; rows deleted per run, receipts in unwind.compensations. '
'Errors: UW001, UW005, UW006, UW007, UW008, UW010.';

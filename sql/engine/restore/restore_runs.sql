-- Takes the undos of many runs back in one transaction, all or none, the last undo first; rows per run, those of runs
-- that were undone together with the first of them.
-- The caller's search_path stays, for the user's triggers (see undo_workflow).
-- Errors: 42501 for a run of somebody else's, UW001, UW004, UW007, UW008, UW009, UW010, UW011, UW014, UW018, 55000,
-- 55P03.
create or replace function unwind.restore_runs(run_ids text [], on_conflict text default 'refuse')
returns table (
    run_id text, rows_deleted bigint, rows_reverted bigint, rows_reinserted bigint, rows_skipped bigint
)
language plpgsql
set enable_seqscan = off
set jit = off
as $$
begin
    run_ids := unwind_internal.plain_array(run_ids);
    perform unwind_internal.restore_together(run_ids, on_conflict);
    return query
    select
        r.id, coalesce(pg_catalog.sum(c.rows_deleted), 0)::bigint, coalesce(pg_catalog.sum(c.rows_reverted), 0)::bigint,
        coalesce(pg_catalog.sum(c.rows_reinserted), 0)::bigint, coalesce(pg_catalog.sum(c.rows_skipped), 0)::bigint
    from unwind.workflow_runs as r
    left join lateral (
        select c.*
        from unwind.compensations as c
        where c.run_id operator(pg_catalog.=) r.id
            and c.kind operator(pg_catalog.=) 'restore'
            and c.undo operator(pg_catalog.=) (unwind_internal.undo_number(r.id) operator(pg_catalog.-) 1)
    ) as c on true
    where r.id operator(pg_catalog.=) any(run_ids)
    group by r.id
    order by r.id;
end
$$;
comment on function unwind.restore_runs(text [], text) is
'Takes the undos of many runs back in one transaction, all or none; rows per run, receipts in unwind.compensations. '
'Runs that were undone together come back together. on_conflict: refuse, skip or merge rows that somebody else has '
'changed since. Errors: UW001, UW004, UW007, UW008, UW009, UW010, UW011, UW014, UW018, 42501, 55000, 55P03.';

-- How many rows all undos of each run have deleted, by its receipts; of runs on which the caller may act.
-- SECURITY DEFINER. Run by run over the index: joined to unwind.compensations, all receipts there are would be read.
create or replace function unwind_internal.rows_deleted_of(run_ids text [])
returns table (run_id text, rows_deleted bigint)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
    select r.id, (
        select coalesce(sum(n.rows_deleted), 0)::bigint
        from unwind_internal.receipts as c
        cross join lateral unnest(c.counts) as n (rows_deleted)
        where c.run_id = r.id
    )
    from unwind.workflow_runs as r
    where r.id = any(rows_deleted_of.run_ids) and unwind_internal.may_act(r.started_by)
    order by r.id
$$;

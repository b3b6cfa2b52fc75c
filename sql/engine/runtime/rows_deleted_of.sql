-- How many rows all undos of each run have deleted, and restored or skipped in captured tables, by its receipts; of
-- runs on which the caller may act. What was taken back does not count.
-- SECURITY DEFINER. Run by run over the index: joined to unwind.compensations, all receipts there are would be read.
create or replace function unwind_internal.rows_deleted_of(run_ids text [])
returns table (
    run_id text, rows_deleted bigint, rows_reverted bigint, rows_reinserted bigint, rows_skipped bigint
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
    select r.id, c.deleted, c.reverted, c.reinserted, c.skipped
    from unwind.workflow_runs as r
    cross join lateral (
        select
            coalesce(sum(n.deleted), 0)::bigint as deleted, coalesce(sum(n.reverted), 0)::bigint as reverted,
            coalesce(sum(n.reinserted), 0)::bigint as reinserted, coalesce(sum(n.skipped), 0)::bigint as skipped
        from (
            select
                unnest(c.counts) as deleted, unnest(c.reverted) as reverted, unnest(c.reinserted) as reinserted,
                unnest(c.skipped) as skipped
            from unwind_internal.receipts as c
            where c.run_id = r.id
                and c.kind = 'undo'
                and (not r.has_receipts or c.entry > coalesce((
                    select max(e.entry) from unwind_internal.receipts as e where e.run_id = r.id and e.kind = 'restore'
                ), 0))
        ) as n
    ) as c
    where r.id = any(rows_deleted_of.run_ids) and unwind_internal.may_act(r.started_by)
    order by r.id
$$;

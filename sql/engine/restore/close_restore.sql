-- The end of taking an undo back: the runs that were undone together are what they were before, but one that had not
-- ended is FAILED and held, so that no sweep undoes it at once again. Receipts of what was done stand with the first
-- of them.
-- SECURITY DEFINER, and looks by itself at who asks: the caller may act on the run, and it is COMPENSATED. Called alone
-- it misstates at worst a run that this role might have restored.
create or replace function unwind_internal.close_restore(
    number bigint, receipts unwind_internal.image_receipt []
)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_runs text [];
begin
    v_runs := array(
        select r.id
        from unwind.workflow_runs as r
        where (
            r.number = - close_restore.number
            or r.number in (
                select s.run from unwind_internal.restorable_runs as s where s.undone_with = - close_restore.number
            )
        )
            and r.status = 'COMPENSATED'
            and unwind_internal.may_act(r.started_by)
        order by r.id
    );
    insert into unwind_internal.receipts (
        run_id, kind, steps, tables, counts, reverted, reinserted, skipped, compensated_by, login
    )
    select
        r.id, 'restore', array_fill(null::text, array[cardinality(c.tables)]), c.tables, c.deleted, c.reverted,
        c.reinserted, c.skipped, unwind_internal.acting_role(), session_user
    from unwind.workflow_runs as r
    cross join lateral (
        select
            coalesce(array_agg(i.table_name order by i.table_name), '{}') as tables,
            coalesce(array_agg(i.rows_deleted order by i.table_name), '{}') as deleted,
            coalesce(array_agg(i.rows_reverted order by i.table_name), '{}') as reverted,
            coalesce(array_agg(i.rows_reinserted order by i.table_name), '{}') as reinserted,
            coalesce(array_agg(i.rows_skipped order by i.table_name), '{}') as skipped
        from unnest(close_restore.receipts) as i
        where i.run = - r.number
    ) as c
    where r.id = any(v_runs)
    order by r.id;
    update unwind.workflow_runs as r
    set status = case when r.completed_at is null then 'FAILED' else 'COMPLETED' end,
        held_at = case when r.completed_at is null then now() end,
        has_receipts = true, updated_at = now()
    where r.id = any(v_runs);
    perform unwind_internal.write_audit('restored', i.id, null, null, format('an undo of %s', cardinality(v_runs)))
    from unnest(v_runs) as i (id);
    delete from unwind_internal.restorable_runs as s
    using unwind.workflow_runs as r
    where r.number = s.run and r.id = any(v_runs);
end
$$;

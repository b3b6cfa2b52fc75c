-- Adds to the receipts of runs that this transaction has undone what was done in captured tables.
-- SECURITY DEFINER, and looks by itself at who asks: the caller may act on the run, and it became COMPENSATED in this
-- very transaction.
create or replace function unwind_internal.write_image_receipts(
    run_ids text [], receipts unwind_internal.image_receipt []
)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
begin
    insert into unwind_internal.receipts (
        run_id, steps, tables, counts, reverted, reinserted, skipped, compensated_by, login
    )
    select
        r.id, array_fill(null::text, array[count(*)::int]), array_agg(c.table_name order by c.table_name),
        array_agg(c.rows_deleted order by c.table_name), array_agg(c.rows_reverted order by c.table_name),
        array_agg(c.rows_reinserted order by c.table_name), array_agg(c.rows_skipped order by c.table_name),
        unwind_internal.acting_role(), session_user
    from unnest(receipts) as c
    inner join unwind.workflow_runs as r on r.number = c.run
    where r.id = any(run_ids) and r.status = 'COMPENSATED' and r.updated_at = now()
        and unwind_internal.may_act(r.started_by)
    group by r.id
    order by r.id;
end
$$;

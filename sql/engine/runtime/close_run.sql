-- The end of an undo of one whole run: its receipt, and its status, by which whoever reads COMPENSATED reads it with
-- the deletes. It gives what was undone of the run in all, for single steps may have gone before. It asks by itself
-- whether it may, and the books are opened only where it may not.
-- SECURITY DEFINER, and looks by itself at who asks: see open_books.
-- Errors: 42501; UW002 where the run is COMPENSATED already.
create or replace function unwind_internal.close_run(run_id text, steps text [], tables text [], counts bigint [])
returns unwind_internal.receipts
language plpgsql
security definer
as $$
declare
    v_receipt unwind_internal.receipts;
    v_again boolean;
begin
    for v_opened in 0..1 loop
        with closed as (
            update unwind.workflow_runs as r
            set status = 'COMPENSATED', updated_at = pg_catalog.now(),
                claimed_by = null, claimed_at = null, lease_expires_at = null, retry_at = null
            where r.id operator(pg_catalog.=) close_run.run_id
                and (v_opened operator(pg_catalog.=) 1 or unwind_internal.is_free(r))
            returning r.id
        )

        insert into unwind_internal.receipts as r (run_id, steps, tables, counts, compensated_by, login)
        select c.id, close_run.steps, close_run.tables, close_run.counts, unwind_internal.acting_role(), session_user
        from closed as c
        returning
            r.run_id, r.steps, r.tables, r.counts,
            exists (select from unwind_internal.receipts as e where e.run_id operator(pg_catalog.=) r.run_id)
        into v_receipt.run_id, v_receipt.steps, v_receipt.tables, v_receipt.counts, v_again;
        exit when found;
        perform unwind_internal.open_books(array[run_id]);
    end loop;
    if v_again then
        select
            pg_catalog.array_agg(d.step order by r.entry, d.place),
            pg_catalog.array_agg(d.table_name order by r.entry, d.place),
            pg_catalog.array_agg(d.rows_deleted order by r.entry, d.place)
        into v_receipt.steps, v_receipt.tables, v_receipt.counts
        from unwind_internal.receipts as r
        cross join lateral rows from (
            pg_catalog.unnest(r.steps), pg_catalog.unnest(r.tables), pg_catalog.unnest(r.counts)
        ) with ordinality as d (step, table_name, rows_deleted, place)
        where r.run_id operator(pg_catalog.=) close_run.run_id;
    end if;
    return v_receipt;
end
$$;

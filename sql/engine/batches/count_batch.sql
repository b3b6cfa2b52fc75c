-- Adds a batch to the receipt and to the progress.
-- SECURITY DEFINER, and looks by itself at who asks: see open_books.
-- Errors: 42501; UW002 where the run is COMPENSATED.
create or replace function unwind_internal.count_batch(run_id text, statement unwind.plan_statements, row_count bigint)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
    perform unwind_internal.open_books(array[run_id]);
    with counted as (
        update unwind_internal.batch_progress as p
        set rows_done = p.rows_done + row_count, updated_at = now()
        where p.run_id = count_batch.run_id and p.step = statement.step and p.table_name = statement.target::text
        returning p.entry, p.place
    )

    update unwind_internal.receipts as r
    set counts[c.place] = r.counts[c.place] + row_count, compensated_at = now()
    from counted as c
    where r.run_id = count_batch.run_id and r.entry = c.entry;
end
$$;

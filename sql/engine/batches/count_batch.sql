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
declare
    v_progress unwind_internal.batch_progress;
begin
    perform unwind_internal.open_books(array[run_id]);
    update unwind_internal.batch_progress as p
    set rows_done = p.rows_done + row_count, updated_at = clock_timestamp()
    where p.run_id = count_batch.run_id and p.step = statement.step and p.table_name = statement.target::text
    returning * into v_progress;
    update unwind_internal.receipts as r
    set counts[v_progress.place] = r.counts[v_progress.place] + row_count, compensated_at = now()
    where r.run_id = count_batch.run_id and r.entry = v_progress.entry;
    raise notice 'run %: % of % rows of % deleted', quote_literal(run_id), v_progress.rows_done,
        greatest(v_progress.rows_expected, v_progress.rows_done), v_progress.table_name
    using detail = json_build_object(
        'run_id', run_id, 'step', v_progress.step, 'table_name', v_progress.table_name,
        'rows_done', v_progress.rows_done, 'rows_expected', v_progress.rows_expected
    )::text;
end
$$;

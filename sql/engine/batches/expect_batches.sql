-- Writes what an undo in batches expects, and the receipt that it counts along.
-- SECURITY DEFINER, and looks by itself at who asks: see open_books.
-- Errors: 42501; UW002 where the run is COMPENSATED.
create or replace function unwind_internal.expect_batches(run_id text, steps text [], tables text [], counts bigint [])
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_entry bigint;
begin
    perform unwind_internal.open_books(array[run_id]);
    select r.entry into v_entry
    from unwind_internal.receipts as r
    where r.run_id = expect_batches.run_id and r.steps = expect_batches.steps and r.tables = expect_batches.tables
        and r.entry in (select p.entry from unwind_internal.batch_progress as p where p.run_id = expect_batches.run_id);
    if not found then
        delete from unwind_internal.batch_progress as p where p.run_id = expect_batches.run_id;
        insert into unwind_internal.receipts (run_id, steps, tables, counts, compensated_by, login)
        values (
            expect_batches.run_id, expect_batches.steps, expect_batches.tables,
            array_fill(0::bigint, array[cardinality(steps)]), unwind_internal.acting_role(), session_user
        )
        returning entry into v_entry;
    end if;
    insert into unwind_internal.batch_progress as p (run_id, place, step, table_name, rows_expected, entry)
    select expect_batches.run_id, d.place, d.step, d.table_name, d.rows_expected, v_entry
    from unnest(expect_batches.steps, expect_batches.tables, expect_batches.counts)
        with ordinality as d (step, table_name, rows_expected, place)
    on conflict on constraint batch_progress_pkey do update
    set rows_expected = p.rows_done + excluded.rows_expected, updated_at = now();
end
$$;

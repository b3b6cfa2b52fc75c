-- What the end of a stage has deleted joins what its batches did: one receipt, and the progress. What a custom step
-- counted stays by itself.
-- SECURITY DEFINER, and looks by itself at who asks: see open_books.
-- Errors: 42501; UW002 where the run is COMPENSATED.
create or replace function unwind_internal.count_stage(run_id text)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
    v_entry constant bigint := (
        select max(p.entry) from unwind_internal.batch_progress as p where p.run_id = count_stage.run_id
    );
begin
    perform unwind_internal.open_books(array[run_id]);
    with counted as (
        update unwind_internal.batch_progress as p
        set rows_done = p.rows_done + d.row_count, updated_at = now()
        from (
            select u.step, u.table_name, sum(u.row_count)::bigint as row_count
            from unwind_internal.receipts as r
            cross join lateral unnest(r.steps, r.tables, r.counts) as u (step, table_name, row_count)
            where r.run_id = count_stage.run_id and r.entry > v_entry and u.row_count > 0
            group by u.step, u.table_name
        ) as d
        where p.run_id = count_stage.run_id and p.step = d.step and p.table_name = d.table_name
        returning p.place, d.row_count
    ),

    joined as (
        update unwind_internal.receipts as r
        set counts = array(
                select u.row_count + coalesce(c.row_count, 0)
                from unnest(r.counts) with ordinality as u (row_count, place)
                left join counted as c on c.place = u.place
                order by u.place
            ),
            compensated_at = now()
        where r.run_id = count_stage.run_id and r.entry = v_entry
    )

    update unwind_internal.receipts as r
    set counts = array(
            select case when p.place is null then u.row_count end
            from unnest(r.steps, r.tables, r.counts) with ordinality as u (step, table_name, row_count, n)
            left join unwind_internal.batch_progress as p
                on p.run_id = r.run_id and p.step = u.step and p.table_name = u.table_name
            order by u.n
        )
    where r.run_id = count_stage.run_id and r.entry > v_entry;
    delete from unwind_internal.receipts as r
    where r.run_id = count_stage.run_id and r.entry > v_entry and num_nonnulls(variadic r.counts) = 0;
end
$$;

-- The receipts of an undo of several runs: one row for each run that lost rows.
-- SECURITY DEFINER, and looks by itself at who asks: see open_books.
-- Errors: 42501; UW002 where a run is COMPENSATED.
create or replace function unwind_internal.write_receipts(
    runs text [], steps text [], tables text [], counts bigint []
)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
begin
    perform unwind_internal.open_books(array(select distinct u.id from unnest(runs) as u (id)));
    insert into unwind_internal.receipts (run_id, steps, tables, counts, compensated_by, login)
    select
        t.run_id,
        array_agg(t.step order by t.place),
        array_agg(t.table_name order by t.place),
        array_agg(t.rows_deleted order by t.place),
        unwind_internal.acting_role(),
        session_user
    from (
        select d.run_id, d.step, d.table_name, sum(d.rows_deleted)::bigint as rows_deleted, min(d.place) as place
        from unnest(runs, write_receipts.steps, write_receipts.tables, write_receipts.counts)
            with ordinality as d (run_id, step, table_name, rows_deleted, place)
        where d.rows_deleted > 0
        group by d.run_id, d.step, d.table_name
    ) as t
    group by t.run_id
    order by t.run_id;
end
$$;

-- The receipts of several runs: one per run, step and table, numbered on from those that the run has.
create or replace function unwind_internal.write_receipts(
    runs text [], steps text [], tables text [], counts bigint []
)
returns void
language sql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
    insert into unwind.compensations (run_id, ordinal, step, table_name, rows_deleted)
    select
        d.run_id,
        coalesce((select max(c.ordinal) from unwind.compensations as c where c.run_id = d.run_id), 0)
        + row_number() over (partition by d.run_id order by min(d.n)),
        d.step,
        d.table_name,
        sum(d.rows_deleted)
    from unnest(runs, steps, tables, counts)
        with ordinality as d (run_id, step, table_name, rows_deleted, n)
    where d.rows_deleted > 0
    group by d.run_id, d.step, d.table_name
$$;

-- What an undo in batches has to do, counted, and a receipt to count along. Taken up again under the same plan, it
-- goes on with both.
create or replace function unwind_internal.expect_progress(run unwind.workflow_runs)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_steps text [];
    v_tables text [];
    v_counts bigint [];
    v_entry bigint;
begin
    select
        coalesce(array_agg(d.step order by d.place), '{}'),
        coalesce(array_agg(d.table_name order by d.place), '{}'),
        coalesce(array_agg(d.rows_expected order by d.place), '{}')
    into v_steps, v_tables, v_counts
    from (
        select p.step, p.target::text as table_name, min(p.ordinal) as place,
            sum(unwind_internal.count_rows(p, unwind_internal.live_ledger(run.id)))::bigint as rows_expected
        from unwind.plan_statements as p
        where p.workflow = run.workflow and p.action = 'delete'
        group by p.step, p.target
    ) as d;
    select r.entry into v_entry
    from unwind_internal.receipts as r
    where r.run_id = run.id and r.steps = v_steps and r.tables = v_tables
        and r.entry in (select p.entry from unwind_internal.batch_progress as p where p.run_id = run.id);
    if not found then
        delete from unwind_internal.batch_progress as p where p.run_id = run.id;
        insert into unwind_internal.receipts (run_id, steps, tables, counts)
        values (run.id, v_steps, v_tables, array_fill(0::bigint, array[cardinality(v_steps)]))
        returning entry into v_entry;
    end if;
    insert into unwind_internal.batch_progress as p (run_id, place, step, table_name, rows_expected, entry)
    select run.id, d.place, d.step, d.table_name, d.rows_expected, v_entry
    from unnest(v_steps, v_tables, v_counts) with ordinality as d (step, table_name, rows_expected, place)
    on conflict on constraint batch_progress_pkey do update
    set rows_expected = p.rows_done + excluded.rows_expected, updated_at = now();
end
$$;

-- The receipts: one per run, step and table that lost rows, numbered on from those that the run has.
create or replace function unwind_internal.render_receipts(workflow text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        '
    if v_one then
        insert into unwind.compensations (run_id, ordinal, step, table_name, rows_deleted)
        select
            run_ids[1],
            coalesce((select max(c.ordinal) from unwind.compensations as c where c.run_id = run_ids[1]), 0)
            + row_number() over (),
            d.step,
            d.table_name,
            d.gone
        from unnest(
            array[%s]::text[],
            array[%s]::text[],
            array[%s]::bigint[]
        ) as d (step, table_name, gone)
        where d.gone > 0;
    else
        perform unwind_internal.write_receipts(v_runs, v_steps, v_tables, v_counts);
    end if;',
        string_agg(quote_literal(d.step), ', ' order by d.ordinal),
        string_agg(quote_literal(d.target::text), ', ' order by d.ordinal),
        string_agg(d.counts, ', ' order by d.ordinal)
    )
    from (
        select
            p.step,
            p.target,
            min(p.ordinal) as ordinal,
            string_agg('n' || p.ordinal, ' + ' order by p.ordinal) as counts
        from unwind.plan_statements as p
        where p.workflow = render_receipts.workflow and p.action = 'delete'
        group by p.step, p.target
    ) as d
$$;

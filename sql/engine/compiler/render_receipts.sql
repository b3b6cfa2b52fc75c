-- The receipts of one undo: one row for each run.
create or replace function unwind_internal.render_receipts(workflow text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        '
    if v_one then
        perform unwind_internal.write_receipt(
            run_ids[1],
            %L,
            %L,
            array[%s]::bigint[]
        );
    else
        perform unwind_internal.write_receipts(v_runs, v_steps, v_tables, v_counts);
    end if;',
        array_agg(d.step order by d.ordinal),
        array_agg(d.target::text order by d.ordinal),
        string_agg(d.counts, ', ' order by d.ordinal)
    )
    from (
        select
            p.step,
            p.target,
            min(p.ordinal) as ordinal,
            string_agg('n' || p.ordinal, ' operator(pg_catalog.+) ' order by p.ordinal) as counts
        from unwind.plan_statements as p
        where p.workflow = render_receipts.workflow and p.action = 'delete'
        group by p.step, p.target
    ) as d
$$;

-- The end of the function for one run: its receipt, and its status.
create or replace function unwind_internal.render_receipt(workflow text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        '
    return unwind_internal.close_run(run_id,
        %s,
        %s,
        array[%s]
    );',
        unwind_internal.render_array(array_agg(d.step order by d.ordinal), '        '),
        unwind_internal.render_array(array_agg(d.target::text order by d.ordinal), '        '),
        unwind_internal.render_list(array_agg(d.counts order by d.ordinal), '            ')
    )
    from (
        select
            p.step, p.target, min(p.ordinal) as ordinal,
            string_agg(unwind_internal.variable(p), ' operator(pg_catalog.+) ' order by p.ordinal) as counts
        from unwind.plan_statements as p
        where p.workflow = render_receipt.workflow and p.action = 'delete'
        group by p.step, p.target
    ) as d
$$;

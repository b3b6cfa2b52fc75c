-- Calls the user's own compensation for the runs that recorded its step; once, however often the undo looks again.
create or replace function unwind_internal.render_call(statement unwind.plan_statements)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        '
    if %1$s is not null and v_pass operator(pg_catalog.=) 1 then
        select v_runs operator(pg_catalog.||) pg_catalog.array_agg(c.run_id),
            v_steps operator(pg_catalog.||) pg_catalog.array_agg(%2$L::pg_catalog.text),
            v_tables operator(pg_catalog.||) pg_catalog.array_agg(c.table_name),
            v_counts operator(pg_catalog.||) pg_catalog.array_agg(c.rows_deleted)
        into v_runs, v_steps, v_tables, v_counts
        from %3$s(%1$s) as c;
    end if;',
        unwind_internal.variable(render_call.statement, '_run'),
        (render_call.statement).step,
        to_regprocedure((render_call.statement).sources)::regproc
    )
$$;

-- Reads what a capture carries into its arrays. Where an undo looks again, to what it read before: what hangs below
-- rows that are gone by then is still known.
create or replace function unwind_internal.render_capture(statement unwind.plan_statements)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        E'        with recursive %s%s (%srun_id) as (\n%s\n)\n        select %s, pg_catalog.array_agg(k.run_id)\n'
        '        into %s, %2$s_run\n        from %2$s as k;',
        (
            select string_agg(
                format('%s (%srun_id) as (select * from %s), ', unwind_internal.anchor(p),
                    unwind_internal.anchor_columns(p), unwind_internal.anchor_arrays(p)),
                '' order by p.ordinal
            )
            from unwind.plan_statements as p
            where p.workflow = (render_capture.statement).workflow
                and p.step = (render_capture.statement).step
                and p.action in ('keys', 'capture')
                and p.ordinal < (render_capture.statement).ordinal
                and p.ordinal in (
                    select m.number[1]::int
                    from regexp_matches((render_capture.statement).sources, '\ma(\d+) as k\M', 'g') as m (number)
                )
        ),
        unwind_internal.anchor(statement),
        unwind_internal.anchor_columns(statement),
        case when unwind_internal.looks_again((render_capture.statement).workflow)
            then format(E'select * from %s\nunion\n', unwind_internal.anchor_arrays(statement)) else '' end
        || (render_capture.statement).sources,
        (
            select string_agg(format('pg_catalog.array_agg(k.c%s)', n), ', ' order by n)
            from generate_series(1, cardinality((statement).types)) as g (n)
        ),
        (
            select string_agg(format('%s_c%s', unwind_internal.anchor(statement), n), ', ' order by n)
            from generate_series(1, cardinality((statement).types)) as g (n)
        )
    )
$$;

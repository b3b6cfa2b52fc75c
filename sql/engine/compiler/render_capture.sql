-- Reads what a capture carries into its arrays. Where an undo looks again, to what it read before: what hangs below
-- rows that are gone by then is still known.
create or replace function unwind_internal.render_capture(statement unwind.plan_statements, one boolean)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        '        with %8$s%1$s%2$s (%3$srun_id) as (
%4$s
        )
        select %5$s, pg_catalog.array_agg(k.run_id)
        into %6$s, %7$s
        from %2$s as k;',
        (
            select string_agg(format('%s (%srun_id) as (%s), ', unwind_internal.variable(a),
                unwind_internal.anchor_columns(a), unwind_internal.render_held(a, one)), '' order by a.ordinal)
            from unwind_internal.captured_from(render_capture.statement) as a
        ),
        unwind_internal.variable(render_capture.statement),
        unwind_internal.anchor_columns(render_capture.statement),
        case when unwind_internal.looks_again((render_capture.statement).workflow)
            then format(E'select * from %s\nunion\n', unwind_internal.anchor_arrays(render_capture.statement))
            else '' end
        || unwind_internal.render_captured(render_capture.statement),
        string_agg(format('pg_catalog.array_agg(k.c%s)', n), ', ' order by n),
        string_agg(unwind_internal.anchor_variable(render_capture.statement, n), ', ' order by n),
        unwind_internal.variable(render_capture.statement, '_run'),
        case when unwind_internal.recurses(render_capture.statement) then 'recursive ' end
    )
    from generate_series(1, cardinality((render_capture.statement).types)) as g (n)
$$;

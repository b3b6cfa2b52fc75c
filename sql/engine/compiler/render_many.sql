-- The function that undoes any number of runs of a workflow, or single steps of them.
create or replace function unwind_internal.render_many(workflow text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select unwind_internal.render_function(
        unwind_internal.function_name(render_many.workflow, 'many'),
        'run_ids text[], only_steps text[], max_rows bigint, marking boolean', 'void',
        concat_ws(E'\n',
            '#variable_conflict use_variable',
            'declare',
            unwind_internal.render_declarations(render_many.workflow, false),
            'begin',
            unwind_internal.render_keys(render_many.workflow),
            case when l.looks_again then 'for v_pass in 1..3 loop' end,
            unwind_internal.render_steps(render_many.workflow, false),
            case when l.looks_again then unwind_internal.render_look(render_many.workflow) end,
            E'
    perform unwind_internal.close_runs(run_ids, only_steps, marking, v_runs, v_steps, v_tables, v_counts);',
            'end'
        )
    )
    from unwind_internal.looks_again(render_many.workflow) as l (looks_again)
$$;

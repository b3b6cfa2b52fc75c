-- The functions through which all generated functions are called: static calls, for an EXECUTE would be parsed and
-- planned on every call. They name the workflows that this transaction sees, where their functions are there; of others
-- there is none for one run or for a record, and that for many is called by name. That for a record holds the run
-- first, and learns from its row which workflow it is of.
create or replace function unwind_internal.render_dispatcher(kind text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        'create or replace function unwind_compiled.%s(%s)
returns %s
language plpgsql
as $unwind$
%s
    %s
end
$unwind$',
        d.name, d.arguments, d.result,
        case d.kind when 'record' then unwind_internal.render_hold() else 'begin' end,
        (
            select coalesce(
                string_agg(
                    format(E'if workflow operator(pg_catalog.=) %L then\n        %s %s(%s);',
                        w.workflow, d.verb, unwind_internal.function_name(w.workflow, d.kind), d.names),
                    E'\n    els' order by w.workflow
                ) || format(E'\n    else\n        %s;\n    end if;', d.other),
                d.other || ';'
            )
            from unwind.workflows as w
            where position('$unwind$' in w.workflow) = 0
                and to_regproc(unwind_internal.function_name(w.workflow, d.kind)) is not null
        )
    )
    from (values
        ('one', 'undo_one', 'workflow text, held unwind_internal.held_run', 'unwind_internal.receipts', 'return',
            'held', 'return null'),
        ('record', 'record', 'run_id text, step text, entity_key text[]', 'boolean', 'return',
            'run_id, step, entity_key', 'return false'),
        ('many', 'undo_many',
            'workflow text, run_ids text[], only_steps text[], max_rows bigint, marking boolean', 'void', 'perform',
            'run_ids, only_steps, max_rows, marking',
            'perform unwind_internal.call_by_name(workflow, run_ids, only_steps, max_rows, marking)')
    ) as d (kind, name, arguments, result, verb, names, other)
    where d.kind = render_dispatcher.kind
$$;

-- The functions through which all generated functions are called: static calls, for an EXECUTE would be parsed and
-- planned on every undo. They name the workflows that this transaction sees; of others there is none for one run, and
-- that for many is called by name.
create or replace function unwind_internal.render_dispatcher(runs text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        'create or replace function unwind_compiled.undo_%s(workflow text, %s)
returns %s
language plpgsql
as $unwind$
begin
    if false then
        null;%s
    else
        %s;
    end if;
end
$unwind$',
        d.runs, d.arguments, d.result,
        (
            select string_agg(format(E'\n    elsif workflow operator(pg_catalog.=) %L then\n        %s %s(%s);',
                w.workflow, d.verb, unwind_internal.function_name(w.workflow, d.runs), d.names), '' order by w.workflow)
            from unwind.workflows as w
            where position('$unwind$' in w.workflow) = 0
        ),
        d.other
    )
    from (values
        ('one', 'run_id text', 'unwind_internal.receipts', 'return', 'run_id', 'return null'),
        ('many', 'run_ids text[], only_steps text[], max_rows bigint, marking boolean', 'void', 'perform',
            'run_ids, only_steps, max_rows, marking',
            'perform unwind_internal.call_by_name(workflow, run_ids, only_steps, max_rows, marking)')
    ) as d (runs, arguments, result, verb, names, other)
    where d.runs = render_dispatcher.runs
$$;

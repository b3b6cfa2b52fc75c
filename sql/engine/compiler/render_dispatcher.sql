-- The function through which all generated functions are called: static calls, for an EXECUTE would be parsed
-- and planned on every undo. It names the workflows that this transaction sees; others are called by name.
create or replace function unwind_internal.render_dispatcher()
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        'create or replace function unwind_compiled.undo(workflow text, run_ids text[], only_steps text[], max_rows bigint)
returns void
language plpgsql
as $unwind$
begin
    if false then
        null;%s
    else
        perform unwind_internal.undo_by_name(workflow, run_ids, only_steps, max_rows);
    end if;
end
$unwind$',
        string_agg(
            format(
                E'\n    elsif workflow operator(pg_catalog.=) %L then\n        perform %s(run_ids, only_steps, max_rows);',
                w.workflow, w.compensation
            ),
            '' order by w.workflow
        )
    )
    from unwind.workflows as w
    where position('$unwind$' in w.workflow) = 0
$$;

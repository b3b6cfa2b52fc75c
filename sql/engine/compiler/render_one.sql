-- The function that undoes one run that has one key a step at most, as most have, and gives its receipt; null where it
-- is not for this run. It is given the run and the keys that it has recorded (hold_to_undo).
create or replace function unwind_internal.render_one(workflow text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select unwind_internal.render_function(
        unwind_internal.function_name(render_one.workflow, 'one'), 'held unwind_internal.held_run',
        'unwind_internal.receipts',
        case when unwind_internal.is_plain(render_one.workflow) then concat_ws(E'\n',
            '#variable_conflict use_variable',
            'declare',
            unwind_internal.render_declarations(render_one.workflow, true),
            'begin',
            unwind_internal.render_one_key(render_one.workflow),
            unwind_internal.render_steps(render_one.workflow, true),
            unwind_internal.render_receipt(render_one.workflow),
            'end'
        )
        else 'begin
    return null; -- not a plan for this (is_plain): the function for many undoes one run as well
end'
        end
    )
$$;

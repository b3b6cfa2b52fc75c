-- Errors: UW008, always.
create or replace function unwind_internal.raise_step_not_defined(workflow text, step text)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    perform unwind_internal.assert_workflow(workflow);
    raise 'workflow % has no step %', quote_literal(workflow), coalesce(quote_literal(step), 'null')
    using errcode = 'UW008',
        detail = coalesce(
            'Its steps are: ' || (
                select string_agg(s.step, ', ' order by s.position)
                from unwind.workflow_steps as s
                where s.workflow = raise_step_not_defined.workflow
            ),
            'It has no steps.'
        ),
        hint = unwind_internal.did_you_mean(step, array(
            select s.step
            from unwind.workflow_steps as s
            where s.workflow = raise_step_not_defined.workflow
            order by s.position
        )) || format('select unwind.define_step(%L, %L, ''table'', ''key_column'');', workflow, coalesce(step, 'step'));
end
$$;

-- Declares a step that is undone by the user's own function.
-- Errors: UW008, UW009, UW010.
create or replace function unwind.define_custom_step(workflow text, step text, compensation regprocedure)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_step unwind.workflow_steps;
begin
    perform unwind_internal.lock_definitions();
    v_step := unwind_internal.ensure_step(workflow, step);
    perform unwind_internal.assert_custom_compensation(compensation);
    if exists (
        select from unwind.step_roots as r
        where r.workflow = define_custom_step.workflow and r.step = define_custom_step.step
    ) then
        raise 'step % of workflow % has root tables', quote_literal(step), quote_literal(workflow)
        using errcode = 'UW009',
            detail = 'A step has either root tables or a compensation of its own.',
            hint = 'Give the compensation a step of its own.';
    end if;
    update unwind.workflow_steps as s
    set compensation = define_custom_step.compensation::text
    where s.workflow = v_step.workflow and s.step = v_step.step;
    perform unwind_internal.compile_later(workflow);
end
$$;
comment on function unwind.define_custom_step(text, text, regprocedure) is
'Declares a step undone by your own function (run_ids text[]) returning table(run_id text, table_name text, '
'rows_deleted bigint). Errors: UW008, UW009, UW010.';

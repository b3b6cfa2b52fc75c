-- Errors: UW008 where the workflow is not defined.
create or replace function unwind_internal.assert_workflow(workflow text)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (select from unwind.workflows as w where w.workflow = assert_workflow.workflow) then
        raise 'workflow % is not defined', coalesce(quote_literal(workflow), 'null')
        using errcode = 'UW008',
            detail = coalesce(
                'Defined are: ' || (select string_agg(w.workflow, ', ' order by w.workflow) from unwind.workflows as w),
                'No workflow is defined in this database.'
            ),
            hint = unwind_internal.did_you_mean(workflow, array(
                select w.workflow from unwind.workflows as w order by w.workflow
            )) || format('select unwind.define_workflow(%L);', coalesce(workflow, 'name'));
    end if;
end
$$;

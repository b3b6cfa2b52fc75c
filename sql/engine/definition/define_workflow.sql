-- Declares a workflow. Again with the same name it only changes what is given.
-- Errors: UW009 for an empty name, UW010.
create or replace function unwind.define_workflow(
    workflow text, description text default null, check_delete_right boolean default null
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if coalesce(workflow, '') = '' then
        raise 'a workflow needs a name'
        using errcode = 'UW009',
            detail = 'The name given is empty or null.',
            hint = 'select unwind.define_workflow(''order'');';
    end if;
    perform unwind_internal.lock_definitions();
    insert into unwind.workflows as w (workflow, description, check_delete_right)
    values (
        define_workflow.workflow, define_workflow.description, coalesce(define_workflow.check_delete_right, true)
    )
    on conflict on constraint workflows_pkey do update
    set description = coalesce(excluded.description, w.description),
        check_delete_right = coalesce(define_workflow.check_delete_right, w.check_delete_right);
    if exists (
        select from unwind.workflows as w where w.workflow = define_workflow.workflow and w.compiled_at is not null
    ) then
        perform unwind_internal.compile_later(workflow);
    else
        perform unwind.compile_workflow(workflow);
    end if;
end
$$;
comment on function unwind.define_workflow(text, text, boolean) is
'Declares a workflow, or changes its description. Steps follow with define_step. check_delete_right => false: '
'recording does not ask for the right to delete, for an interface of SECURITY DEFINER functions. Errors: UW009, UW010.';

-- Declares a workflow. Again with the same name it only changes the description, where one is given.
-- Errors: UW009 for an empty name, UW010.
create or replace function unwind.define_workflow(workflow text, description text default null)
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
    insert into unwind.workflows as w (workflow, description)
    values (define_workflow.workflow, define_workflow.description)
    on conflict on constraint workflows_pkey do update
    set description = coalesce(excluded.description, w.description);
    perform unwind.compile_workflow(workflow);
    perform unwind_internal.compile_dispatcher();
end
$$;
comment on function unwind.define_workflow(text, text) is
'Declares a workflow, or changes its description. Steps follow with define_step. Errors: UW009, UW010.';

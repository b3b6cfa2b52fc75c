-- Compiles a workflow that this transaction has defined, unless that was done meanwhile.
-- SECURITY DEFINER: what is deferred to the commit is done as whoever is in effect then, who need not be the one that
-- defined. Only definitions, which are the owner's, put a workflow where this looks.
-- Errors: UW009, UW010.
create or replace function unwind_internal.compile_defined()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if exists (select from unwind_internal.uncompiled_workflows as u where u.workflow = new.workflow) then
        perform unwind.compile_workflow(new.workflow);
    end if;
    return null;
end
$$;
-- Always, for a session that fires no triggers (session_replication_role) would leave a plan that is none.
drop trigger if exists definitions_are_compiled on unwind_internal.uncompiled_workflows;
create constraint trigger definitions_are_compiled after insert on unwind_internal.uncompiled_workflows
deferrable initially deferred for each row execute function unwind_internal.compile_defined();
alter table unwind_internal.uncompiled_workflows enable always trigger definitions_are_compiled;

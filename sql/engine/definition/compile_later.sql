-- Has a workflow compiled when the transaction commits, or before that when it itself uses a workflow
-- (compile_in_time): once, however many of its definitions change until then. Under lock_definitions.
create or replace function unwind_internal.compile_later(workflow text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into unwind_internal.uncompiled_workflows (workflow)
    values (compile_later.workflow)
    on conflict on constraint uncompiled_workflows_pkey do nothing;
    perform set_config('unwind.is_uncompiled', 'true', true);
end
$$;

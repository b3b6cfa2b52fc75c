-- Who may come in: nobody but the owner, until a DBA says so by sql/dba/grant_access.sql; and those who were let in
-- have what this version gives them.

-- An application sees its own runs. The login is asked first, which costs nothing, and for the rest once a query.
do $$
begin
    if not exists (select from pg_catalog.pg_policy as p where p.polrelid = 'unwind.workflow_runs'::regclass) then
        create policy runs_of_ones_own on unwind.workflow_runs for select using (
            started_by = session_user
            or (select unwind_internal.sees_any_run())
            or unwind_internal.may_act(started_by)
        );
        alter table unwind.workflow_runs enable row level security;
    end if;
    if not exists (
        select from pg_catalog.pg_trigger as t
        where t.tgrelid = 'unwind.audit_log'::regclass and t.tgname = 'append_only'
    ) then
        create trigger append_only before update or delete or truncate on unwind.audit_log
        for each statement execute function unwind_internal.refuse_audit_change();
    end if;
end
$$;

do $$
begin
    perform unwind_internal.settle_access();
end
$$;

-- Keeps who used a right on an entity of a run.
create or replace function unwind_internal.write_audit(
    action text, run_id text, step text, entity_key text [], detail text
)
returns void
language sql
set search_path = pg_catalog, pg_temp
as $$
    insert into unwind.audit_log (action, role, login, run_id, step, entity_key, detail)
    values (
        write_audit.action, unwind_internal.acting_role(), session_user,
        write_audit.run_id, write_audit.step, write_audit.entity_key, write_audit.detail
    )
$$;

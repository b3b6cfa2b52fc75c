-- Removes what the audit log says of these runs; with the rest also what is older, of runs that are gone, and of none.
create or replace function unwind_internal.purge_audit_log(before timestamptz, run_ids text [], with_rest boolean)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform set_config('unwind.purges_audit_log', 'on', true);
    delete from unwind.audit_log as a
    where a.run_id = any(run_ids)
        or (
            with_rest and a.at < before
            and not exists (select from unwind.workflow_runs as r where r.id = a.run_id)
        );
    perform set_config('unwind.purges_audit_log', 'off', true);
end
$$;

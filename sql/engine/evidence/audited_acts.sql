-- Who used which right on a run; null for whoever may not read the audit log.
create or replace function unwind_internal.audited_acts(run_id text)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set enable_seqscan = off
as $$
begin
    if not has_table_privilege('unwind.audit_log', 'SELECT') then
        return null;
    end if;
    return (
        select coalesce(jsonb_agg(to_jsonb(a) - 'run_id' order by a.entry), '[]')
        from unwind.audit_log as a
        where a.run_id = audited_acts.run_id
    );
end
$$;

-- The trigger that keeps the audit log append-only, also for its owner: purge_runs alone, asked to, may delete.
-- Errors: 42501.
create or replace function unwind_internal.refuse_audit_change()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'DELETE' and current_setting('unwind.purges_audit_log', true) = 'on' then
        return null; -- of a statement trigger nothing is looked at
    end if;
    raise 'unwind.audit_log is append-only: no %', tg_op
    using errcode = 'insufficient_privilege',
        detail = 'It says who used which right, and would be worth nothing if that could be changed.',
        hint = 'To forget what is old: select unwind.purge_runs(older_than => ''1 year'', audit_log => true);';
end
$$;

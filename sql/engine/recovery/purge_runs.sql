-- Forgets runs that ended long ago, the oldest first, with their ledger and their images; at most max_runs a call, to
-- be called again until it gives 0. All by indexes, be the tables as big as they may, and without waiting for anybody.
-- A forgotten run can no longer be undone, and its entities are nobody's. Receipts stay unless asked for, and with them
-- the run's id, which nobody can use again: a run without any leaves an empty one. Asked for, for all workflows, those
-- that earlier calls left go too. Runs that somebody has locked are left for the next call.
-- The audit log is kept unless asked for: then what it says of these runs goes, and, for all workflows, what is older
-- than that and of no run that is still there.
-- SECURITY DEFINER: who may call it may purge; operators.
-- Errors: UW008, UW009.
create or replace function unwind.purge_runs(
    older_than interval, workflow text default null, max_runs int default 10000, receipts boolean default false,
    audit_log boolean default false
)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
    v_before timestamptz;
    v_ended text [];
    v_numbers bigint [];
    v_left bigint := 0;
begin
    perform unwind_internal.assert_purge_arguments(older_than, workflow, max_runs);
    v_before := unwind_internal.clock() - older_than;
    select coalesce(array_agg(e.id), '{}'), coalesce(array_agg(e.number), '{}') into v_ended, v_numbers
    from (
        select r.id, r.number
        from unwind.workflow_runs as r
        where r.status in ('COMPLETED', 'COMPENSATED')
            and r.updated_at < v_before
            and r.workflow = coalesce(purge_runs.workflow, r.workflow)
        order by r.updated_at
        limit max_runs
        for update skip locked
    ) as e;
    perform unwind_internal.drop_images(unwind_internal.image_numbers(v_numbers));
    delete from unwind_internal.restorable_runs as s where s.run = any(v_numbers);
    delete from unwind_internal.handed_on as h where h.run = any(v_numbers);
    delete from unwind.workflow_runs as r where r.id = any(v_ended);
    if receipts then
        delete from unwind_internal.receipts as c where c.run_id = any(v_ended);
        if workflow is null then
            v_left := unwind_internal.purge_receipts(v_before, max_runs - cardinality(v_ended));
        end if;
    else
        insert into unwind_internal.receipts (run_id, steps, tables, counts, compensated_by, login)
        select e.id, '{}', '{}', '{}', unwind_internal.acting_role(), session_user
        from unnest(v_ended) as e (id)
        where not exists (select from unwind_internal.receipts as c where c.run_id = e.id);
    end if;
    if audit_log then
        perform unwind_internal.purge_audit_log(v_before, v_ended, workflow is null);
    end if;
    return cardinality(v_ended) + v_left;
end
$$;
comment on function unwind.purge_runs(interval, text, int, boolean, boolean) is
'Forgets at most max_runs runs that ended longer ago than older_than, with their images, and says how many. '
'Never a live run. Receipts stay, and the ids stay taken, unless receipts is true; the audit log stays unless '
'audit_log is. Errors: UW008, UW009.';

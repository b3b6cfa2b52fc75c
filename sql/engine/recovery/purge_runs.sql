-- Forgets runs that ended long ago, with their ledger; at most max_runs a call, to be called again until it gives 0.
-- A forgotten run can no longer be undone, and its entities are nobody's. Receipts
-- stay unless asked for. Runs that somebody has locked are left for the next call.
-- Errors: UW008, UW009.
create or replace function unwind.purge_runs(
    older_than interval, workflow text default null, max_runs int default 10000, receipts boolean default false
)
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_before timestamptz := unwind_internal.clock() - older_than;
    v_ended text [];
begin
    perform unwind_internal.assert_purge_arguments(older_than, workflow, max_runs);
    select coalesce(array_agg(e.id), '{}') into v_ended
    from (
        select r.id
        from unwind.workflow_runs as r
        where r.status in ('COMPLETED', 'COMPENSATED')
            and r.updated_at < v_before
            and r.workflow = coalesce(purge_runs.workflow, r.workflow)
        limit max_runs
        for update skip locked
    ) as e;
    delete from unwind.run_steps as s where s.run_id = any(v_ended);
    delete from unwind.entity_owners as o where o.run_id = any(v_ended);
    delete from unwind.workflow_runs as r where r.id = any(v_ended);
    if receipts then
        delete from unwind_internal.receipts as c where c.run_id = any(v_ended);
    end if;
    return cardinality(v_ended);
end
$$;
comment on function unwind.purge_runs(interval, text, int, boolean) is
'Forgets at most max_runs runs that ended longer ago than older_than, and says how many; receipts stay unless asked '
'for. Never a live run. Errors: UW008, UW009.';

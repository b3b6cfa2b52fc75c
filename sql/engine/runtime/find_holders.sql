-- Who keeps a run's row locked: the transaction whose number the row carries or, of several, each of those that the
-- number stands for. For whoever waits for the run, or would have to: a step in flight, one that was forgotten, a
-- prepared transaction of a worker that is gone. What was locked within a savepoint carries the savepoint's number,
-- and nothing says whose that is: then it is any of those who have locked a run's row, and all of them are listed.
-- A definer, for only it sees the row itself; it tells no more than who. JIT is off: it would take seconds.
-- Errors: UW001; 42501 for a run of somebody else's.
create or replace function unwind.find_holders(run_id text)
returns table (pid int, gid text, login name, application text, state text, since timestamptz)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
begin
    perform unwind_internal.assert_may_act(run_id);
    return query
    with row_lock as (
        select r.xmax as xid from unwind.workflow_runs as r where r.id = find_holders.run_id
    ),
    lockers as (
        select l.xid from row_lock as l
        union
        select m.xid
        from row_lock as l
        cross join lateral pg_get_multixact_members(l.xid) as m
        -- Else it is no such number, and asking for its members an error.
        where mxid_age(l.xid) between 1 and (select max(mxid_age(d.datminmxid)) from pg_database as d)
    ),
    holders as (
        select l.xid from lockers as l where pg_xact_status(unwind_internal.full_xid(l.xid)) = 'in progress'
    ),
    open_xacts as (
        select k.virtualtransaction, k.pid, k.transactionid as xid
        from pg_locks as k
        where k.locktype = 'transactionid' and k.mode = 'ExclusiveLock' and k.granted
            and k.pid is distinct from pg_backend_pid()
    ),
    found as (
        select x.virtualtransaction from open_xacts as x where x.xid in (select h.xid from holders as h)
        union
        select k.virtualtransaction
        from pg_locks as k
        where k.locktype = 'relation' and k.relation = 'unwind.workflow_runs'::regclass
            and k.database = (select d.oid from pg_database as d where d.datname = current_database())
            and k.mode in ('RowShareLock', 'RowExclusiveLock')
            and exists (select from holders as h where h.xid not in (select x.xid from open_xacts as x))
    )
    select distinct on (x.virtualtransaction)
        x.pid, p.gid, coalesce(a.usename, p.owner), nullif(a.application_name, ''), a.state,
        coalesce(a.xact_start, p.prepared)
    from found as f
    inner join open_xacts as x on x.virtualtransaction = f.virtualtransaction
    left join pg_stat_activity as a on a.pid = x.pid
    left join pg_prepared_xacts as p on p.transaction = x.xid
    order by x.virtualtransaction, p.gid;
end
$$;
comment on function unwind.find_holders(text) is
'Who keeps a run''s row locked, so that it cannot be ended or undone yet: sessions by pid, prepared transactions by '
'gid. Errors: UW001, 42501.';

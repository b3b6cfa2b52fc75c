-- Who keeps which of these runs' rows locked: see find_holders; of the runs that the caller may see.
-- A definer, for only it sees the rows themselves; it tells no more than who. Of the many locks that there may be a few
-- are looked for: nested loops, and no JIT, which would take seconds.
create or replace function unwind_internal.find_holders_of(run_ids text [])
returns table (
    run_id text, pid int, gid text, login name, application text, state text, since timestamptz
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
    with row_locks as (
        select r.id, r.xmax as xid
        from unwind.workflow_runs as r
        where r.id = any(find_holders_of.run_ids) and r.xmax <> '0'
            and (
                r.started_by = session_user
                or (select unwind_internal.sees_any_run())
                or unwind_internal.may_act(r.started_by)
            )
    ),

    lockers as (
        select l.id, l.xid
        from row_locks as l
        -- Else it has ended, and of most it has.
        where age(l.xid) <= (select age(pg_snapshot_xmin(pg_current_snapshot())::xid))
        union
        select l.id, m.xid
        from row_locks as l
        cross join lateral pg_get_multixact_members(l.xid) as m
        -- Else it is no such number, and asking for its members an error.
        where mxid_age(l.xid) between 1 and (select max(mxid_age(d.datminmxid)) from pg_database as d where d.oid > 0)
    ),

    holders as (
        select l.id, l.xid from lockers as l where pg_xact_status(unwind_internal.full_xid(l.xid)) = 'in progress'
    ),

    open_xacts as (
        select k.virtualtransaction, k.pid, k.transactionid as xid
        from pg_locks as k
        where k.locktype = 'transactionid' and k.mode = 'ExclusiveLock' and k.granted
            and k.pid is distinct from pg_backend_pid()
            and exists (select from holders as h)
    ),

    found as (
        select h.id, x.virtualtransaction
        from holders as h
        inner join open_xacts as x on x.xid = h.xid
        union
        select h.id, k.virtualtransaction
        from holders as h
        cross join pg_locks as k
        where h.xid not in (select x.xid from open_xacts as x)
            and k.locktype = 'relation' and k.relation = 'unwind.workflow_runs'::regclass
            and k.database = (select d.oid from pg_database as d where d.datname = current_database())
            and k.mode in ('RowShareLock', 'RowExclusiveLock')
    )

    select distinct on (f.id, x.virtualtransaction)
        f.id, x.pid, p.gid, coalesce(a.usename, p.owner), nullif(a.application_name, ''), a.state,
        coalesce(a.xact_start, p.prepared)
    from found as f
    inner join open_xacts as x on x.virtualtransaction = f.virtualtransaction
    left join pg_stat_activity as a on a.pid = x.pid
    left join pg_prepared_xacts as p on p.transaction = x.xid
    order by f.id, x.virtualtransaction, p.gid
$$;

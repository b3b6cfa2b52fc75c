-- Who keeps a run's row locked: the transaction whose number the row carries or, of several, each of those that the
-- number stands for. For whoever waits for the run, or would have to: a step in flight, one that was forgotten, a
-- prepared transaction of a worker that is gone.
-- A definer, for only it sees the row itself; it tells no more than who.
-- Errors: UW001.
create or replace function unwind.find_holders(run_id text)
returns table (pid int, gid text, login name, application text, state text, since timestamptz)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
    perform unwind_internal.run_status(run_id);
    return query
    with row_lock as (
        select r.xmax as holder from unwind.workflow_runs as r where r.id = find_holders.run_id
    ),
    holders as (
        select l.holder from row_lock as l
        union
        select m.xid
        from row_lock as l
        cross join lateral pg_get_multixact_members(l.holder) as m
        -- Else it is no such number, and asking for its members an error.
        where mxid_age(l.holder) between 1 and (select max(mxid_age(d.datminmxid)) from pg_database as d)
    )
    select k.pid, p.gid, coalesce(a.usename, p.owner), nullif(a.application_name, ''), a.state,
        coalesce(a.xact_start, p.prepared)
    from holders as h
    inner join pg_locks as k on k.locktype = 'transactionid' and k.transactionid = h.holder and k.granted
    left join pg_stat_activity as a on a.pid = k.pid
    left join pg_prepared_xacts as p on p.transaction = h.holder
    where k.pid is distinct from pg_backend_pid()
    order by 6, 1;
end
$$;
comment on function unwind.find_holders(text) is
'Who keeps a run''s row locked, so that it cannot be ended or undone yet: sessions by pid, prepared transactions by '
'gid. Errors: UW001.';

-- Who keeps a run's row locked: the transaction whose number the row carries or, of several, each of those that the
-- number stands for. For whoever waits for the run, or would have to: a step in flight, one that was forgotten, a
-- prepared transaction of a worker that is gone. What was locked within a savepoint carries the savepoint's number,
-- and nothing says whose that is: then it is any of those who have locked a run's row, and all of them are listed.
-- Errors: UW001; 42501 for a run of somebody else's.
create or replace function unwind.find_holders(run_id text)
returns table (pid int, gid text, login name, application text, state text, since timestamptz)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform unwind_internal.assert_may_act(run_id);
    return query
    select h.pid, h.gid, h.login, h.application, h.state, h.since
    from unwind_internal.find_holders_of(array[run_id]) as h;
end
$$;
comment on function unwind.find_holders(text) is
'Who keeps a run''s row locked, so that it cannot be ended or undone yet: sessions by pid, prepared transactions by '
'gid. Errors: UW001, 42501.';

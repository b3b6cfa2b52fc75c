-- Who is to be blamed for an error by which an undo failed, as its SQLSTATE says. The server: a full disk, memory, a
-- shutdown, a cancellation, a transaction that may only read; nothing else would succeed now either. Others, who are in
-- the way for now: a deadlock, a lock that does not come, a foreign server that is not there. Or else the run.
create or replace function unwind_internal.at_fault(code text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select case
        when at_fault.code ~ '^(53|57|58)' or at_fault.code = '25006' then 'server'
        when at_fault.code ~ '^08' or at_fault.code in ('40001', '40P01', '55P03') then 'others'
        else 'run'
    end
$$;

-- The transaction number with its epoch, as pg_xact_status wants it: the latest before the newest there is.
create or replace function unwind_internal.full_xid(number xid)
returns xid8
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select (n.newest - mod(n.newest - full_xid.number::text::numeric, 4294967296))::text::xid8
    from (select pg_snapshot_xmax(pg_current_snapshot())::text::numeric as newest) as n
$$;

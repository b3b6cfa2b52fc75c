-- Writes down that this transaction is a run's, for bound roles, or undoes one; and forgets those that have ended.
create or replace function unwind_internal.note_entered(run bigint)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    delete from unwind_internal.entered_runs as e
    where e.xid in (
        select o.xid from unwind_internal.entered_runs as o
        where o.xid < pg_snapshot_xmin(pg_current_snapshot())
        for update skip locked
    );
    insert into unwind_internal.entered_runs (xid, began_at, run)
    values (pg_current_xact_id(), now(), note_entered.run)
    on conflict on constraint entered_runs_pkey do update set began_at = excluded.began_at;
end
$$;

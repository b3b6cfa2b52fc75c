-- The number of the undo of a run that counts, or would be next: one more than were taken back.
create or replace function unwind_internal.undo_number(run_id text)
returns int
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin -- planned once a session, which in SQL it would be with every call
    return (
        select 1 + count(*)::int
        from unwind_internal.visible_receipts as c
        where c.run_id = undo_number.run_id and c.kind = 'restore'
    );
end
$$;

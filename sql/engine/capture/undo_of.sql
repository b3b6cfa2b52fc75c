-- The number under which the undo of a run was captured; null where it is not undone, or was not captured.
-- SECURITY DEFINER, for nobody reads how runs were undone; it tells a number.
create or replace function unwind_internal.undo_of(number bigint)
returns bigint
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return (select - s.undone_with from unwind_internal.restorable_runs as s where s.run = undo_of.number);
end
$$;

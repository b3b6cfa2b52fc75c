-- A recorded key whose row was there before the run, as an image says, anchors nothing: the row is to be restored, and
-- not deleted. So the undo begins with releasing it.
-- SECURITY DEFINER, and looks by itself at who asks: see open_books. A run that is COMPENSATED has none left to
-- release.
create or replace function unwind_internal.release_found_keys(run_ids text [])
returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
    update unwind_internal.ledger as g
    set released_at = clock_timestamp(), released_by = unwind_internal.acting_role()
    from unwind_internal.found_keys(release_found_keys.run_ids) as f
    inner join unwind.workflow_runs as r on r.id = f.run_id
    where g.run_id = f.run_id and g.step = f.step and g.entity_key = f.entity_key
        and r.status <> 'COMPENSATED' and unwind_internal.may_act(r.started_by)
$$;

-- The last thing an undo of whole runs does: the status says it, and whoever reads COMPENSATED reads it with the
-- deletes. Gives the runs that it marked. It asks by itself whether it may, and the books are opened only for those of
-- which something has to be said.
-- SECURITY DEFINER, and looks by itself at who asks: see open_books.
-- Errors: 42501; UW002 where a run is COMPENSATED already.
create or replace function unwind_internal.mark_undone(run_ids text [])
returns text []
language plpgsql
security definer
set plan_cache_mode = force_generic_plan
as $$
declare
    v_left pg_catalog.text [] := run_ids;
    v_marked pg_catalog.text [] := '{}';
    v_some pg_catalog.text [];
begin
    for v_opened in 0..1 loop
        with marked as (
            update unwind.workflow_runs as r
            set status = 'COMPENSATED', updated_at = pg_catalog.now(),
                claimed_by = null, claimed_at = null, lease_expires_at = null, retry_at = null, held_at = null
            where r.id operator(pg_catalog.=) any(v_left)
                and (v_opened operator(pg_catalog.=) 1 or unwind_internal.is_free(r))
            returning r.id
        )

        select pg_catalog.array_agg(m.id) into v_some from marked as m;
        v_marked := v_marked operator(pg_catalog.||) v_some;
        exit when v_opened operator(pg_catalog.=) 1
            or pg_catalog.cardinality(v_marked) operator(pg_catalog.=) pg_catalog.cardinality(run_ids);
        v_left := array(
            select i.id from pg_catalog.unnest(run_ids) as i (id)
            except
            select m.id from pg_catalog.unnest(v_marked) as m (id)
        );
        perform unwind_internal.open_books(v_left);
    end loop;
    return v_marked;
end
$$;

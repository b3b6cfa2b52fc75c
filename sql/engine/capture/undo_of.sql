-- The number under which the undo of a run was captured, and that of the run itself, where the undo's images are the
-- run's, with signs turned (undo_mirrored); none where it is not undone.
-- SECURITY DEFINER, for nobody reads how runs were undone; it tells numbers.
create or replace function unwind_internal.undo_of(number bigint)
returns bigint []
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return coalesce(
        (
            select array_remove(
                array[- coalesce(s.undone_with, r.number), case when s.is_mirrored then s.run end], null
            )
            from unwind.workflow_runs as r
            left join unwind_internal.restorable_runs as s on s.run = r.number
            where r.number = undo_of.number and r.status = 'COMPENSATED'
        ), '{}'
    );
end
$$;

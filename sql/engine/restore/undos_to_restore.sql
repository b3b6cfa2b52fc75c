-- The undos of runs, whose rows are locked, as the numbers under which they were captured, the last one first: each is
-- taken back as a whole.
-- SECURITY DEFINER, for nobody reads how runs were undone.
-- One that changed nothing needs no images.
-- Errors: UW018, where an undo was not captured, or its images are gone; 55000, where other runs were undone together
-- with these.
create or replace function unwind_internal.undos_to_restore(run_ids text [])
returns bigint []
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_run record;
begin
    for v_run in
        select
            r.id, r.images_dropped_at, s.undone_with, s.lost_tables,
            exists (
                select from unwind_internal.rows_deleted_of(array[r.id]) as d
                where greatest(d.rows_deleted, d.rows_reverted, d.rows_reinserted) > 0
            ) as was_changed,
            s.members > (
                select count(*) from unwind_internal.restorable_runs as m where m.undone_with = s.undone_with
            ) as is_torn,
            array(
                select t.id
                from unwind_internal.restorable_runs as m
                inner join unwind.workflow_runs as t on t.number = m.run
                where m.undone_with = s.undone_with
                order by t.id
            ) as together
        from unwind.workflow_runs as r
        left join unwind_internal.restorable_runs as s on s.run = r.number
        where r.id = any(undos_to_restore.run_ids)
        order by r.id
    loop
        perform case
            when v_run.images_dropped_at is not null then unwind_internal.raise_not_restorable(
                v_run.id, format('The images of what it deleted were dropped at %s.', v_run.images_dropped_at)
            )
            when v_run.undone_with is null and v_run.was_changed then unwind_internal.raise_not_restorable(
                v_run.id, 'It was not captured: none of its tables was under capture then, or it went in batches.'
            )
            when v_run.is_torn then unwind_internal.raise_not_restorable(
                v_run.id, 'A run that was undone together with it has been purged.'
            )
            when v_run.lost_tables <> '{}' then unwind_internal.raise_not_restorable(
                v_run.id, format('It deleted rows of tables that were not under capture: %s.',
                    array_to_string(v_run.lost_tables, ', '))
            )
        end;
        if not v_run.together <@ run_ids then
            raise 'run % was undone together with others', quote_literal(v_run.id)
            using errcode = 'object_not_in_prerequisite_state',
                detail = format('They come back together: %s.', array_to_string(v_run.together, ', ')),
                hint = format('select * from unwind.restore_runs(%L);', array(
                    select distinct t.id from unnest(v_run.together || run_ids) as t (id) order by t.id
                ));
        end if;
    end loop;
    return array(
        select - coalesce(s.undone_with, r.number)
        from unwind.workflow_runs as r
        left join unwind_internal.restorable_runs as s on s.run = r.number
        where r.id = any(undos_to_restore.run_ids)
        group by coalesce(s.undone_with, r.number)
        order by max(s.entry) desc nulls last
    );
end
$$;

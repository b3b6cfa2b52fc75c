-- The undos of runs, whose rows are locked, as the numbers under which they were captured, the last one first: each is
-- taken back as a whole.
-- SECURITY DEFINER, for nobody reads how runs were undone.
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
        select r.run_id, r.together, r.blocked_by
        from unwind.undone_runs as r
        where r.run_id = any(undos_to_restore.run_ids)
        order by r.run_id
    loop
        if v_run.blocked_by is not null then
            perform unwind_internal.raise_not_restorable(v_run.run_id, v_run.blocked_by);
        end if;
        if not v_run.together <@ run_ids then
            raise 'run % was undone together with others', quote_literal(v_run.run_id)
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

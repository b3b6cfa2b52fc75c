-- Drops the images of runs, whose rows are locked, and of their undos, and keeps with those that had some that they are
-- gone; how many. So it does with those that were undone together with them: their undo can no longer be taken back.
create or replace function unwind_internal.let_go_of_images(numbers bigint [])
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_some constant bigint [] := unwind_internal.drop_images(unwind_internal.image_numbers(numbers));
    v_runs bigint;
begin
    with gone as (
        update unwind.workflow_runs as r
        set images_dropped_at = now()
        where r.number = any(v_some)
            or - r.number = any(v_some)
            or r.number in (select s.run from unwind_internal.restorable_runs as s where - s.undone_with = any(v_some))
        returning r.number
    )

    select count(*) into v_runs from gone as g where g.number = any(numbers);
    return v_runs;
end
$$;

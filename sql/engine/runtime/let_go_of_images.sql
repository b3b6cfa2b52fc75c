-- Drops the images of runs, whose rows are locked, and keeps with those that had some that they are gone; how many.
create or replace function unwind_internal.let_go_of_images(numbers bigint [])
returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_some constant bigint [] := unwind_internal.drop_images(numbers);
    v_runs bigint;
begin
    update unwind.workflow_runs as r
    set images_dropped_at = now()
    where r.number = any(v_some);
    get diagnostics v_runs = row_count;
    return v_runs;
end
$$;

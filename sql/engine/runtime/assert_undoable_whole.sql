-- Whether a run can be undone as a whole: nothing that is known of it speaks against it, and no images are lost.
-- Errors: UW005, UW006, UW018.
create or replace function unwind_internal.assert_undoable_whole(run unwind.workflow_runs, force boolean)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    perform unwind_internal.assert_undoable(run, force);
    if run.images_dropped_at is not null then
        perform unwind_internal.raise_images_missing(run.id, run.images_dropped_at);
    end if;
end
$$;

-- Whether a run has to be undone by images too: one look where nothing is captured. Also where the transaction is
-- itself inside a run, whose change the undo must not become.
-- Errors: UW018, where images of the run were dropped.
create or replace function unwind_internal.has_images(run unwind.workflow_runs)
returns boolean
language plpgsql
stable
as $$
begin
    if run.images_dropped_at is not null then
        perform unwind_internal.raise_images_missing(run.id, run.images_dropped_at);
    end if;
    return unwind_compiled.logs_of(array[run.number]) operator(pg_catalog.<>) '{}'
        or pg_catalog.current_setting('unwind.run', true) operator(pg_catalog.<>) '' is true;
end
$$;

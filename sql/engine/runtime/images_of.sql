-- The logs in which a run has images, by which it has to be undone too: null where it need not, one look where nothing
-- is captured. None, where the transaction is itself inside a run, whose change the undo must not become.
-- Errors: UW018, where images of the run were dropped.
create or replace function unwind_internal.images_of(run unwind.workflow_runs)
returns text []
language plpgsql
stable
as $$
declare
    v_logs constant pg_catalog.text [] := unwind_compiled.logs_of(array[run.number]);
begin
    if run.images_dropped_at is not null then
        perform unwind_internal.raise_images_missing(run.id, run.images_dropped_at);
    end if;
    if v_logs operator(pg_catalog.<>) '{}'
        or pg_catalog.current_setting('unwind.run', true) operator(pg_catalog.<>) ''
    then
        return v_logs;
    end if;
    return null;
end
$$;

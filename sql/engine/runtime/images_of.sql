-- The logs in which a run has images, by which it has to be undone too. None, where its undo has to be captured all the
-- same, for it may delete from captured tables, or where the transaction is itself inside a run, whose change the undo
-- must not become. Null where neither is so; one look where nothing is captured.
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
        or v_logs is not null and unwind_internal.reaches_captured(run.workflow)
    then
        return coalesce(v_logs, '{}');
    end if;
    return null;
end
$$;

-- Refuses to undo a run with images by halves: they know no steps, and are restored in one statement.
-- Errors: 0A000.
create or replace function unwind_internal.refuse_images(run unwind.workflow_runs, what text)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if coalesce(unwind_compiled.logs_of(array[run.number]), '{}') = '{}' and run.images_dropped_at is null then
        return;
    end if;
    raise 'run % has changed captured tables, and cannot be undone %', quote_literal(run.id), what
    using errcode = 'feature_not_supported',
        detail = 'What it changed there is of no step, and restored as a whole.',
        hint = format('select * from unwind.compensate_run(%L);', run.id);
end
$$;

-- Tells of a run that a sweep could not undo, and keeps it with the run. Not so where somebody was merely in the
-- way (at_fault), which says nothing of the run: the next sweep tries again.
create or replace function unwind_internal.note_failure(
    run_id text, failure jsonb, max_retries int, worker text default null
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if unwind_internal.at_fault(failure ->> 'sqlstate') = 'run' then
        perform unwind_internal.record_failure(run_id, unwind_internal.failure_text(failure), max_retries, worker);
    end if;
    raise notice 'run % could not be undone: [%] %',
        quote_literal(run_id), failure ->> 'sqlstate', failure ->> 'message'
    using detail = coalesce(nullif(failure ->> 'detail', ''), failure ->> 'message'),
        hint = format('select * from unwind.compensate_run(%L);', run_id);
end
$$;

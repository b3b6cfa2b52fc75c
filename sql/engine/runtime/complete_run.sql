-- Ends a run well (finish_run). keep_images false drops the images of what it changed in captured tables: it cannot be
-- undone then.
-- On the way of each run, so without a search_path of its own, for setting it would cost a part of what it does.
-- Errors: UW001, UW002, UW003.
create or replace function unwind.complete_run(run_id text, keep_images boolean default true)
returns void
language plpgsql
security definer
set enable_seqscan = off
as $$
begin
    call unwind_internal.finish_run(run_id);
    if not keep_images then
        perform unwind_internal.let_go_of_images(array[r.number])
        from unwind.workflow_runs as r
        where r.id operator(pg_catalog.=) complete_run.run_id;
    end if;
end
$$;
comment on function unwind.complete_run(text, boolean) is
'Ends a run well: COMPLETED. keep_images false drops the images of rows that it changed: it cannot be undone any more. '
'Errors: UW001, UW002, UW003, 42501.';

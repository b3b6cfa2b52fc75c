-- Whether the last that became of a run's rows is that its undo was taken back.
create or replace function unwind_internal.is_restored(run unwind.workflow_runs)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select run.status in ('COMPLETED', 'FAILED') and coalesce((
        select c.kind = 'restore'
        from unwind_internal.visible_receipts as c
        where c.run_id = run.id and c.kind <> 'release'
        order by c.entry desc
        limit 1
    ), false)
$$;

-- Forgets a captured table: its images, its trigger functions, and that it was captured. Runs that have images there
-- can no longer be undone as a whole, which their rows say; undos that have some there cannot be taken back.
create or replace function unwind_internal.drop_log(captured unwind_internal.captured_tables)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_name text;
begin
    execute format(
        'update unwind.workflow_runs as r set images_dropped_at = now() where r.images_dropped_at is null '
        'and r.status <> ''COMPENSATED'' and r.number in (select l."~run" from unwind_captured.%I as l)',
        captured.log_name
    );
    execute format(
        'delete from unwind_internal.restorable_runs as s '
        'where case when s.is_mirrored then s.run else - s.undone_with end '
        'in (select l."~run" from unwind_captured.%I as l)',
        captured.log_name
    );
    for v_name in select f.name from unwind_internal.capture_functions(captured) as f loop
        execute format('drop function if exists unwind_compiled.%I() cascade', v_name);
    end loop;
    execute format('drop table unwind_captured.%I cascade', captured.log_name); -- and its view
    delete from unwind_internal.captured_tables as c where c.log_name = captured.log_name;
    perform unwind_internal.compile_logs(), unwind_internal.drop_kept(captured.log_name);
end
$$;
